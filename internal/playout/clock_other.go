//go:build !linux

package playout

// NewClock returns the system's clock for playout.
func NewClock() (Clock, error) { return newTimerClock(), nil }
