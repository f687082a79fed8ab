package channel

import "time"

// Schedule is what changes while a channel is on air. Its times are absolute, so
// that the stream remains a function of time.
type Schedule struct {
	// Entries follow what the spec plays, in rising order.
	Entries []Entry
	// Pauses are in rising order and do not overlap.
	Pauses []Pause
}

// Entry plays a source, or a part of it, from an instant on, from its beginning.
type Entry struct {
	At     time.Time
	Source string
	// Once plays the source a single time; null packets follow.
	Once bool
	// Clipping is the part of the source that is played.
	Clipping Clipping `json:",omitzero"`
	// Login is what an HTTP server asks for.
	Login Login `json:",omitzero"`
}

// In returns a spec that plays the entry's source.
func (e Entry) In(s Spec) Spec {
	s.Source, s.Clipping, s.Login = e.Source, e.Clipping, e.Login
	return s
}

// Login is who reads a source on an HTTP server. The zero Login is nobody in particular.
type Login struct {
	User string
	// Parameter names the parameter that has the password.
	Parameter string `json:",omitempty"`
}

// Pause is a time in which nothing is sent. After it the channel is where it would
// be without the pause.
type Pause struct {
	From time.Time
	// To is the zero Time while no end is planned.
	To time.Time
}
