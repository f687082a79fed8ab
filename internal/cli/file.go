package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/fault"
)

// outFile is a file that gets its name when it is complete.
type outFile struct {
	buffered *bufio.Writer
	file     *os.File // nil for the standard output
	path     string   // what it will be called
	partial  string   // what it is called until then; empty when it is written in its place
}

// create opens the file of that name for writing, the standard output for "-".
func create(path string, stdout io.Writer) (*outFile, error) {
	if path == "-" {
		return &outFile{buffered: bufio.NewWriterSize(stdout, 1<<18)}, nil
	}
	o := &outFile{path: path}
	if err := o.open(); err != nil {
		return nil, fault.New(fault.Destination, "cannot write %s: %w", path, reason(err))
	}
	o.buffered = bufio.NewWriterSize(o.file, 1<<18)
	return o, nil
}

// open makes the partial file beside the one it will be, so that the renaming
// stays on one file system. A device or a pipe is written in its place.
func (o *outFile) open() (err error) {
	switch info, statErr := os.Stat(o.path); {
	case statErr == nil && info.IsDir():
		return errors.New("it is a directory")
	case statErr == nil && !info.Mode().IsRegular():
		o.file, err = os.OpenFile(o.path, os.O_WRONLY, 0)
		return err
	}
	dir, base := filepath.Split(o.path)
	o.partial = filepath.Join(dir, fmt.Sprintf(".%s.%08x.partial", base, rand.Uint32()))
	o.file, err = os.OpenFile(o.partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	return err
}

// Write writes to the file.
func (o *outFile) Write(b []byte) (int, error) {
	n, err := o.buffered.Write(b)
	return n, o.failed(err)
}

func (o *outFile) failed(err error) error {
	if err == nil {
		return nil
	}
	if o.file == nil {
		return fault.New(fault.Destination, "cannot write to the standard output: %w", reason(err))
	}
	return fault.New(fault.Destination, "cannot write %s: %w", o.path, reason(err))
}

// commit gives the file its name.
func (o *outFile) commit() error {
	if err := o.buffered.Flush(); err != nil || o.file == nil {
		return o.failed(err)
	}
	if err := o.file.Close(); err != nil {
		return o.failed(err)
	}
	if o.partial == "" {
		return nil
	}
	if err := os.Rename(o.partial, o.path); err != nil {
		if link, ok := errors.AsType[*os.LinkError](err); ok {
			err = link.Err
		}
		return o.failed(err)
	}
	o.partial = ""
	return nil
}

// discard removes what was not committed.
func (o *outFile) discard() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.partial != "" {
		os.Remove(o.partial)
	}
}
