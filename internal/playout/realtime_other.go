//go:build !linux

package playout

import "github.com/lilo-live/lilo/internal/fault"

// NewRealtimeClock returns an error of kind Usage.
func NewRealtimeClock() (Clock, error) { return nil, CheckRealtime() }

// CheckRealtime returns an error of kind Usage.
func CheckRealtime() error {
	return fault.New(fault.Usage, "real-time priority needs Linux: leave out --realtime")
}
