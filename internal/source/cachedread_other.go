//go:build !linux || !(amd64 || arm64)

package source

import "os"

// cachedRead reads nothing: this system has no read that never blocks.
type cachedRead struct{}

func newCachedRead(*os.File) (*cachedRead, error) { return nil, nil }

func (*cachedRead) readAt([]byte, int64) int { return 0 }
