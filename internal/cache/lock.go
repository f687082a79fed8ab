package cache

import (
	"errors"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// ErrInUse reports that another user holds a lock.
var ErrInUse = errors.New("in use")

// acquire locks the file at path with one of the methods of [flock.Flock] and
// returns the lock. Two locks exclude each other within one process too. flag
// is 0 or os.O_CREATE.
func acquire(path string, flag int, method func(*flock.Flock) (bool, error)) (*flock.Flock, error) {
	l := flock.New(path, flock.SetFlag(os.O_RDWR|flag))
	locked, err := method(l)
	switch {
	case err != nil:
		return nil, err
	case !locked:
		return nil, ErrInUse
	case !sameFile(l, path):
		// Its previous holder has removed the file: this lock protects nothing.
		l.Close()
		return nil, fs.ErrNotExist
	}
	return l, nil
}

// tryExclusive locks an existing file without waiting.
func tryExclusive(path string) (*flock.Flock, error) { return acquire(path, 0, (*flock.Flock).TryLock) }

// waiting makes a method that waits for a lock one for acquire.
func waiting(method func(*flock.Flock) error) func(*flock.Flock) (bool, error) {
	return func(l *flock.Flock) (bool, error) { return true, method(l) }
}

// sameFile reports whether path still names the locked file.
func sameFile(l *flock.Flock, path string) bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	current, err := os.Stat(path)
	return err == nil && os.SameFile(locked, current)
}
