package bolt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/fault"
)

// Restore replaces the state by its last good copy, and keeps the file that was there.
// Errors are of kind State if the copy is damaged too, Destination if nothing can be
// written, and Usage otherwise; after one, the state is as it was.
func Restore(dir string) (*Repaired, error) {
	path, good := filepath.Join(dir, FileName), filepath.Join(dir, CopyName)
	s, r, err := check(good)
	if err != nil {
		return nil, err
	}
	if s.Damage != nil {
		return nil, fault.New(fault.State, "%s is damaged too: %w; %s keeps what can be read of %s", good, s.Damage, command("repair", path), path)
	}
	if _, err := readLocked(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	temporary, err := writeTemporary(path, func(f *os.File) error {
		_, err := f.Write(r.data)
		return err
	})
	aside := ""
	if err == nil {
		defer os.Remove(temporary) // It is gone unless it could not be put in place.
		aside, err = replaceAside(temporary, path)
	}
	if err != nil {
		return nil, fault.New(fault.Destination, "%s cannot be written: %w", path, fault.Reason(err))
	}
	s.Path = path
	return &Repaired{Summary: s, Aside: aside}, nil
}
