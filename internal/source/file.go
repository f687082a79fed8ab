package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/lilo-live/lilo/internal/fault"
)

// file is a local file. It is read with the descriptor it was opened with, so
// that a file which is moved, replaced or removed goes on being what it was. A
// file that is written to is another file from then on, and is not read further.
type file struct {
	name   string
	f      *os.File
	first  fs.FileInfo
	stamps *stamper
	tell   func(string)
	reads  atomic.Uint32
	gone   atomic.Bool
}

// stamp changes when a file is written to.
type stamp struct{ size, written int64 } // bytes; nanoseconds since 1970

func openFile(name string, tell func(string)) (Source, error) {
	// A pipe without a writer would not open before one comes.
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fault.New(fault.Source, "%s is %s: give a regular file, it is read again on every lap", name, what(info.Mode()))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", name, cause(err))
	}
	return opened(name, f, tell)
}

func opened(name string, f *os.File, tell func(string)) (Source, error) {
	info, err := f.Stat()
	var stamps *stamper
	if err == nil {
		stamps, err = newStamper(f)
	}
	if err != nil {
		return nil, errors.Join(fault.New(fault.Source, "%s cannot be opened: %w", name, cause(err)), f.Close())
	}
	return &file{name: name, f: f, first: info, stamps: stamps, tell: tell}, nil
}

func what(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// cause takes the name of the call and the path off an error, which the text has already.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Size implements Source.
func (f *file) Size() int64 { return f.first.Size() }

// Close implements Source.
func (f *file) Close() error { return f.f.Close() }

// Identity implements Source: the path, the size and the time of the last write.
func (f *file) Identity() string {
	path, err := filepath.Abs(f.name)
	if err != nil {
		path = f.name
	}
	return fmt.Sprintf("%s %d %d", path, f.first.Size(), f.first.ModTime().UnixNano())
}

// ReadAt reads from the file as it was opened, or not at all.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	now, stampErr := f.stamps.stamp()
	if stampErr != nil {
		return 0, fault.New(fault.Source, "%s: %w", f.name, cause(stampErr))
	}
	if now != (stamp{f.first.Size(), f.first.ModTime().UnixNano()}) {
		return 0, fault.New(fault.Changed, "%s was written to while it was read: start again to play what it holds now", f.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fault.New(fault.Source, "%s: %w", f.name, cause(err))
	}
	f.look()
	return n, err
}

// lookEvery is how many reads lie between looks at the name. A channel reads a
// few times a second.
const lookEvery = 16

// look says once that the name does not lead to this file any more.
func (f *file) look() {
	if f.reads.Add(1)%lookEvery != 0 || f.gone.Load() {
		return
	}
	info, err := os.Stat(f.name)
	if err == nil && os.SameFile(info, f.first) || f.gone.Swap(true) {
		return
	}
	if err != nil {
		f.tell(f.name + " was removed or moved: it goes on being played as it was opened")
	} else {
		f.tell(f.name + " was replaced by another file: it goes on being played as it was opened; start again for the new one")
	}
}
