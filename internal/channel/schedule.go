package channel

import "time"

// Schedule is what changes while a channel is on air. Its times are absolute,
// so that the stream stays a function of time.
type Schedule struct {
	// Entries are in rising order of their instants.
	Entries []Entry
	// Pauses are in rising order and do not overlap.
	Pauses []Pause
}

// Entry has a channel play another source from an instant on, from its beginning.
type Entry struct {
	At     time.Time
	Source string
	// Once has it played a single time; null packets follow.
	Once bool
}

// Pause is a time in which nothing is sent. The channel goes on where it would be by then.
type Pause struct {
	From time.Time
	// To is the zero Time while no end is planned.
	To time.Time
}
