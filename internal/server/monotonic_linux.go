package server

import "golang.org/x/sys/unix"

// monotonic returns the system's monotonic clock in nanoseconds, 0 where it has none.
func monotonic() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0
	}
	return t.Nano()
}
