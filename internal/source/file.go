package source

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/lilo-live/lilo/internal/fault"
)

// file is a local file. It is read through the descriptor that it was opened
// with, so it stays the same if its name is moved, replaced or removed. Once
// the file is written to, it is not read further, unless its bytes are as before.
type file struct {
	name   string
	f      *os.File
	opened fs.FileInfo
	stat   *fileStat
	notify func(string)
	reads  atomic.Uint32
	gone   atomic.Bool // the name no longer leads to this file

	mu      sync.Mutex
	version sizeAndTime // of the file whose bytes the parts are
	parts   []part      // of what was read: the first, which are the index, and others by chance
	seen    int         // reads
}

// part is a part of the file as it was read.
type part struct {
	offset int64
	length int
	sum    uint32 // CRC-32C
}

// maxParts is how many parts are remembered: of a small file, all.
const maxParts = 512

// sizeAndTime changes when a file is written to.
type sizeAndTime struct{ size, modified int64 } // bytes; nanoseconds since 1970

func openFile(name string, notify func(string)) (Source, error) {
	return openRegular(name, notify, func() (fs.FileInfo, error) { return os.Stat(name) }, func() (*os.File, error) { return os.Open(name) })
}

// openFileIn opens a file in or below one of the directories. It never follows a
// link that leads out of them.
func openFileIn(dirs []string, name string, notify func(string)) (Source, error) {
	for _, dir := range dirs {
		below, err := filepath.Rel(dir, name)
		if err != nil || !filepath.IsLocal(below) {
			continue
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fault.New(fault.Source, "%s cannot be opened: %w", dir, fault.Reason(err))
		}
		defer root.Close()
		return openRegular(name, notify, func() (fs.FileInfo, error) { return root.Stat(below) }, func() (*os.File, error) { return root.Open(below) })
	}
	return nil, Forbidden(name)
}

// Forbidden returns the error for a file that Options.Folders exclude.
func Forbidden(name string) error {
	return fault.New(fault.Usage, "%s is not in a folder that --allow-files allows on this server", name)
}

// openRegular opens a regular file. It looks at the kind of file first, because
// opening a pipe would wait for its writer.
func openRegular(name string, notify func(string), stat func() (fs.FileInfo, error), open func() (*os.File, error)) (Source, error) {
	if info, err := stat(); err == nil && !info.Mode().IsRegular() {
		return nil, fault.New(fault.Source, "%s is %s: give a regular file, it is read again on every lap", name, fileKind(info.Mode()))
	}
	f, err := open()
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", name, fault.Reason(err))
	}
	info, err := f.Stat()
	var reader *fileStat
	if err == nil {
		reader, err = newFileStat(f)
	}
	if err != nil {
		f.Close()
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", name, fault.Reason(err))
	}
	return &file{
		name: name, f: f, opened: info, stat: reader, notify: notify,
		version: sizeAndTime{info.Size(), info.ModTime().UnixNano()},
	}, nil
}

func fileKind(m fs.FileMode) string {
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

func (f *file) Size() int64 { return f.opened.Size() }

func (f *file) Close() error { return f.f.Close() }

// Identity implements Source: the path, the size and the modification time.
func (f *file) Identity() string {
	path, err := filepath.Abs(f.name)
	if err != nil {
		path = f.name
	}
	return fmt.Sprintf("%s %d %d", path, f.opened.Size(), f.opened.ModTime().UnixNano())
}

// ReadAt reads from the file as it was opened. It returns a fault of kind
// Changed if the file has been written to since.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	now, statErr := f.stat.read()
	if statErr != nil {
		return 0, fault.New(fault.Source, "%s: %w", f.name, fault.Reason(statErr))
	}
	if !f.is(now, p[:n], off) {
		return 0, fault.New(fault.Changed, "%s was written to while it was read: start again to play what it holds now", f.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fault.New(fault.Source, "%s: %w", f.name, fault.Reason(err))
	}
	f.checkName()
	return n, err
}

// is reports whether the file is as it was opened, and remembers what was read from it.
// A file with another modification time is, if its size and the parts that were read
// are the same: it was touched, or restored.
func (f *file) is(now sizeAndTime, p []byte, off int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now != f.version {
		if now.size != f.version.size || !f.unchanged() {
			return false
		}
		f.version = now
		f.notify(f.name + " was touched: what was read of it is as before, and it plays on")
	}
	f.seen++
	at := f.seen - 1
	if at >= maxParts { // The first half is the index; others take their turns in the second.
		if at = rand.IntN(f.seen); at < maxParts/2 || at >= maxParts {
			return true
		}
		f.parts[at] = newPart(p, off)
		return true
	}
	f.parts = append(f.parts, newPart(p, off))
	return true
}

func newPart(p []byte, off int64) part {
	return part{off, len(p), crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli))}
}

// unchanged reads the parts again and compares them.
func (f *file) unchanged() bool {
	table, buffer := crc32.MakeTable(crc32.Castagnoli), make([]byte, 256<<10)
	for _, p := range f.parts {
		sum := crc32.New(table)
		if n, err := io.CopyBuffer(sum, io.NewSectionReader(f.f, p.offset, int64(p.length)), buffer); err != nil || n != int64(p.length) || sum.Sum32() != p.sum {
			return false
		}
	}
	return true
}

// checkInterval is how many reads pass between checks of the name. A channel
// reads a few times a second.
const checkInterval = 16

// checkName notifies once if the name no longer leads to this file.
func (f *file) checkName() {
	if f.reads.Add(1)%checkInterval != 0 || f.gone.Load() {
		return
	}
	info, err := os.Stat(f.name)
	if err == nil && os.SameFile(info, f.opened) || f.gone.Swap(true) {
		return
	}
	if err != nil {
		f.notify(f.name + " was removed or moved: the opened file keeps playing")
	} else {
		f.notify(f.name + " was replaced by another file: the opened file keeps playing; start again for the new one")
	}
}
