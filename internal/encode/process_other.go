//go:build !linux

package encode

import "syscall"

// dieTogether has no means to end the process with this program here: it
// works on to its own end.
func dieTogether() *syscall.SysProcAttr { return nil }
