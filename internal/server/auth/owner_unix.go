//go:build unix

package auth

import (
	"os"
	"syscall"
)

// keepOwner gives a new file the owner and the group of the one that it replaces, if
// there is one and the system permits it.
func keepOwner(old, next string) {
	if info, err := os.Stat(old); err == nil {
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			_ = os.Chown(next, int(s.Uid), int(s.Gid))
		}
	}
}
