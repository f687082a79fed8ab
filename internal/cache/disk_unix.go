//go:build unix

package cache

import (
	"io/fs"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// allocated returns the bytes that a file occupies on the disk, which are fewer
// than its size if it has holes. st_blocks is in units of 512 bytes on all
// systems, although POSIX does not say so.
func allocated(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return info.Size()
}

// freeBytes returns the free bytes on the disk of dir, or of the nearest
// existing directory above it; false if they are unknown.
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
