//go:build !linux

package playout

import "time"

// NewClock returns the system's clock for playout.
func NewClock() (Clock, error) { return newTimerClock(time.Now()), nil }
