package source

import "time"

// clock is what the fetching of a source knows of time: how long to wait
// before it asks again, and when to give up waiting. No byte of the stream
// depends on it.
type clock interface {
	// now is the present.
	now() time.Time
	// timer returns a timer that calls f after d.
	timer(d time.Duration, f func()) timer
}

// timer is a time.Timer, or one that a test turns.
type timer interface {
	Reset(d time.Duration) bool
	Stop() bool
}

// wall is the clock of the machine.
type wall struct{}

func (wall) now() time.Time                        { return time.Now() }
func (wall) timer(d time.Duration, f func()) timer { return time.AfterFunc(d, f) }
