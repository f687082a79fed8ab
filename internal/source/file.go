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

// file is a local file. It is read through the descriptor that it was opened
// with, so it stays the same if its name is moved, replaced or removed. Once
// the file is written to, it is not read further.
type file struct {
	name   string
	f      *os.File
	opened fs.FileInfo
	stat   *fileStat
	notify func(string)
	reads  atomic.Uint32
	gone   atomic.Bool // the name no longer leads to this file
}

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
	return &file{name: name, f: f, opened: info, stat: reader, notify: notify}, nil
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
	if now != (sizeAndTime{f.opened.Size(), f.opened.ModTime().UnixNano()}) {
		return 0, fault.New(fault.Changed, "%s was written to while it was read: start again to play what it holds now", f.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fault.New(fault.Source, "%s: %w", f.name, fault.Reason(err))
	}
	f.checkName()
	return n, err
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
