//go:build !unix

package cache

import (
	"io/fs"
	"os"
)

// lockFile does nothing: an open file cannot be removed on these systems, and
// that is what matters most. Two processes may fetch the same bytes twice.
func lockFile(*os.File, lockMode) error { return nil }

func allocated(info fs.FileInfo) int64 { return info.Size() }

func freeBytes(string) (int64, bool) { return 0, false }
