//go:build !linux

package monitor

import (
	"syscall"
	"time"
)

// control leaves the socket unchanged.
func control(bool) func(network, address string, c syscall.RawConn) error { return nil }

// ancillary returns nothing: datagrams arrive when they are read.
func ancillary([]byte) (at time.Time, overrun int64, ok bool) { return time.Time{}, 0, false }
