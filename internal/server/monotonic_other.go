//go:build !linux

package server

// monotonic returns 0: there is no systemd to tell.
func monotonic() int64 { return 0 }
