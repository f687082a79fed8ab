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
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// file is a local file. It is read through the descriptor that it was opened
// with, so it stays the same if its name is moved, replaced or removed. Once
// the file is written to, it is not read further, unless its bytes are as before.
type file struct {
	name    string
	f       *os.File
	opened  fs.FileInfo
	stat    *fileStat
	cached  *cachedRead
	notify  func(string)
	memory  *Memory
	kept    atomic.Pointer[kept]  // nil for a file that is not kept
	every   time.Duration         // from check to check
	checked atomic.Int64          // nanoseconds since 1970
	wrong   atomic.Pointer[error] // what the last check found
	gone    atomic.Bool           // the name no longer leads to this file
	closed  atomic.Bool

	mu      sync.Mutex
	checks  int
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

// checkInterval is how often a file that is read is checked for changes.
const checkInterval = time.Second

// nameInterval is at which checks the name is looked up, which may wait for a file server.
const nameInterval = 10

func openFile(name string, opts Options) (Source, error) {
	return openRegular(name, opts, func() (fs.FileInfo, error) { return os.Stat(name) }, func() (*os.File, error) { return os.Open(name) })
}

// openFileIn opens a file in or below one of the folders. It never follows a
// link that leads out of them.
func openFileIn(name string, opts Options) (Source, error) {
	for _, dir := range opts.Folders {
		below, err := filepath.Rel(dir, name)
		if err != nil || !filepath.IsLocal(below) {
			continue
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fault.New(fault.Source, "%s cannot be opened: %w", dir, fault.Reason(err))
		}
		defer root.Close()
		return openRegular(name, opts, func() (fs.FileInfo, error) { return root.Stat(below) }, func() (*os.File, error) { return root.Open(below) })
	}
	return nil, Forbidden(name)
}

// Forbidden returns the error for a file that Options.Folders exclude.
func Forbidden(name string) error {
	return fault.New(fault.Usage, "%s is not in a folder that --allow-files allows on this server", name)
}

// openRegular opens a regular file. It looks at the kind of file first, because
// opening a pipe would wait for its writer.
func openRegular(name string, opts Options, stat func() (fs.FileInfo, error), open func() (*os.File, error)) (Source, error) {
	if info, err := stat(); err == nil && !info.Mode().IsRegular() {
		return nil, fault.New(fault.Source, "%s is %s: give a regular file, it is read again on every lap", name, fileKind(info.Mode()))
	}
	f, err := open()
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", name, fault.Reason(err))
	}
	info, err := f.Stat()
	var stats *fileStat
	if err == nil {
		stats, err = newFileStat(f)
	}
	var cached *cachedRead
	if err == nil {
		cached, err = newCachedRead(f)
	}
	if err != nil {
		f.Close()
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", name, fault.Reason(err))
	}
	opened := &file{
		name: name, f: f, opened: info, stat: stats, cached: cached, notify: opts.Notify, memory: opts.Memory, every: checkInterval,
		version: sizeAndTime{info.Size(), info.ModTime().UnixNano()},
	}
	return opened, nil
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

// Keep implements [Keeper].
func (f *file) Keep() {
	if f.kept.Load() == nil && !f.closed.Load() && f.memory.reserve(f.Size()) && !f.kept.CompareAndSwap(nil, newKept(f.Size())) {
		f.memory.release(f.Size())
	}
}

func (f *file) Close() error {
	if !f.closed.Swap(true) && f.kept.Load() != nil {
		f.memory.release(f.Size())
	}
	return f.f.Close()
}

// Identity implements Source: the path, the size and the modification time.
func (f *file) Identity() string {
	path, err := filepath.Abs(f.name)
	if err != nil {
		path = f.name
	}
	return fmt.Sprintf("%s %d %d", path, f.opened.Size(), f.opened.ModTime().UnixNano())
}

// ReadAt reads from the file as it was opened. It returns a fault of kind
// Changed within a second after the file was written to.
func (f *file) ReadAt(p []byte, off int64) (n int, err error) {
	if k := f.kept.Load(); k != nil && off >= 0 && !f.closed.Load() {
		n, err = k.readAt(p, off, f.read)
	} else {
		n, err = f.read(p, off)
	}
	if n < len(p) {
		f.checked.Store(0)
	}
	if wrong := f.Check(); wrong != nil {
		return 0, wrong
	}
	return n, err
}

// Check implements [Checker].
func (f *file) Check() error {
	if now := time.Now().UnixNano(); now-f.checked.Load() >= int64(f.every) {
		f.checked.Store(now)
		wrong := f.check()
		f.wrong.Store(&wrong)
	}
	// All who read the file share what one of them has found.
	if wrong := f.wrong.Load(); wrong != nil {
		return *wrong
	}
	return nil
}

// read reads from the file itself.
func (f *file) read(p []byte, off int64) (int, error) {
	n, err := f.cached.readAt(p, off), error(nil)
	if n < len(p) {
		n, err = f.f.ReadAt(p, off)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fault.New(fault.Source, "%s: %w", f.name, fault.Reason(err))
	}
	f.remember(p[:n], off)
	return n, err
}

// check returns an error if the file has been written to, unless its size and the
// parts that were read are the same: it was touched, or restored.
func (f *file) check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := f.stat.read()
	if err != nil {
		return fault.New(fault.Source, "%s: %w", f.name, fault.Reason(err))
	}
	if now != f.version {
		if now.size != f.version.size || !f.unchanged() {
			return fault.New(fault.Changed, "%s was written to while it was read: start again to play what it holds now", f.name)
		}
		f.version = now
		f.notify(f.name + " was touched: what was read of it is as before, and it plays on")
	}
	if f.checks++; f.checks%nameInterval == 0 {
		f.checkName()
	}
	return nil
}

// remember remembers what was read, for comparison.
func (f *file) remember(p []byte, off int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen++
	if f.seen <= maxParts {
		f.parts = append(f.parts, newPart(p, off))
		return
	}
	// The first half is the index; others take their turns in the second.
	if at := rand.IntN(f.seen); at >= maxParts/2 && at < maxParts {
		f.parts[at] = newPart(p, off)
	}
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

// checkName notifies once if the name no longer leads to this file.
func (f *file) checkName() {
	if f.gone.Load() {
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
