//go:build !linux

package monitor

import (
	"syscall"
	"time"
)

// control leaves the socket as the system makes it.
func control(bool) func(network, address string, c syscall.RawConn) error { return nil }

// ancillary has nothing to read: arrival times are those of the reading.
func ancillary([]byte) (at time.Time, overrun int64, ok bool) { return time.Time{}, 0, false }
