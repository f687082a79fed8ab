package bolt

import (
	"errors"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// CopyName is the name of the copy of the last good state.
const CopyName = FileName + ".good"

// Copy replaces the copy beside the file by one of what the store holds now.
func (s *Store) Copy() error {
	path := filepath.Join(filepath.Dir(s.db.Path()), CopyName)
	temporary, err := writeTemporary(path, func(f *os.File) error {
		return s.db.View(func(tx *bbolt.Tx) error {
			_, err := tx.WriteTo(f)
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncDir(filepath.Dir(path))
}

// writeTemporary writes a file beside that at path, which it is to replace, and returns
// its name.
func writeTemporary(path string, write func(*os.File) error) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // Mode 0600.
	if err != nil {
		return "", err
	}
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// syncDir makes a renaming durable, where the system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // Not all systems can.
	return d.Close()
}
