package cli

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/fault"
)

// outFile is a file that gets its name when it is complete. It implements io.Writer.
type outFile struct {
	buffered *bufio.Writer
	file     *os.File // nil for the standard output
	path     string   // its name when it is complete
	partial  string   // its name until then; empty if it is written in place
}

// createOutFile opens a file for writing; "-" is the standard output.
func createOutFile(path string, stdout terminal) (*outFile, error) {
	if path == "-" {
		return &outFile{buffered: bufio.NewWriterSize(stdout, 1<<18)}, nil
	}
	o := &outFile{path: path}
	if err := o.open(); err != nil {
		return nil, fault.New(fault.Destination, "cannot write %s: %w", path, fault.Reason(err))
	}
	o.buffered = bufio.NewWriterSize(o.file, 1<<18)
	return o, nil
}

// open creates the partial file in the folder of the complete one, so that both
// are on one file system. A device or a pipe is written in place.
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

// Write implements io.Writer.
func (o *outFile) Write(b []byte) (int, error) {
	n, err := o.buffered.Write(b)
	return n, o.wrap(err)
}

// wrap adds what was written to an error.
func (o *outFile) wrap(err error) error {
	if err == nil || o.file == nil { // A terminal says so itself.
		return err
	}
	return fault.New(fault.Destination, "cannot write %s: %w", o.path, fault.Reason(err))
}

// commit closes the file and gives it its name.
func (o *outFile) commit() error {
	if err := o.buffered.Flush(); err != nil || o.file == nil {
		return o.wrap(err)
	}
	if err := o.file.Close(); err != nil {
		return o.wrap(err)
	}
	if o.partial == "" {
		return nil
	}
	if err := os.Rename(o.partial, o.path); err != nil {
		if link, ok := errors.AsType[*os.LinkError](err); ok {
			err = link.Err
		}
		return o.wrap(err)
	}
	o.partial = ""
	return nil
}

// discard removes the file unless it was committed.
func (o *outFile) discard() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.partial != "" {
		os.Remove(o.partial)
	}
}
