// Package source opens what a channel plays: bytes at offsets, which do not
// change while they are read. It knows nothing of what the bytes are.
package source

import (
	"io"
	"strings"

	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
)

// Source is an opened source.
type Source interface {
	io.ReaderAt
	io.Closer
	// Size is the length in bytes.
	Size() int64
}

// Open opens a source by its name: a path, or nothing for the bundled clip.
// Errors are faults of kind Source, or Usage for a name that cannot be one.
// tell is called with one line for people when something happens to the source
// that does not keep it from being read; it may be called by any goroutine
// that reads.
func Open(name string, tell func(string)) (Source, error) {
	if name == "" {
		r, size := clip.Open()
		return bundled{r, size}, nil
	}
	if scheme, _, ok := strings.Cut(name, "://"); ok {
		return nil, fault.New(fault.Usage, "%s: a source is a path to a local file here, %q is not read", name, scheme+"://")
	}
	return openFile(name, tell)
}

// bundled is the clip in the program itself.
type bundled struct {
	io.ReaderAt
	size int64
}

func (b bundled) Size() int64 { return b.size }
func (bundled) Close() error  { return nil }
