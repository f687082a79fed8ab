//go:build unix

package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockFile locks the file for this opening of it (flock, not fcntl: a lock of
// fcntl belongs to the process, and two channels of one would not see each other).
func lockFile(f *os.File, mode lockMode) error {
	how := unix.LOCK_SH
	if mode&lockExclusive != 0 {
		how = unix.LOCK_EX
	}
	if mode&lockTry != 0 {
		how |= unix.LOCK_NB
	}
	for {
		err := unix.Flock(int(f.Fd()), how)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrInUse
		}
		return err
	}
}

// allocated is what a file takes on the disk, which is less than its size
// where it has holes. st_blocks counts 512 bytes (POSIX leaves that open; the
// systems agree).
func allocated(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return info.Size()
}

// freeBytes is how much the disk of the folder, or of the one it will be made
// in, can take; false where that is not known.
func freeBytes(dir string) (int64, bool) {
	var s unix.Statfs_t
	for err := unix.Statfs(dir, &s); err != nil; err = unix.Statfs(dir, &s) {
		parent := filepath.Dir(dir)
		if parent == dir {
			return 0, false
		}
		dir = parent
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // Their types differ between systems.
}
