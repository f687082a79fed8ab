package cache

import (
	"errors"
	"io/fs"
	"os"
)

// ErrInUse is that a lock is held by somebody else.
var ErrInUse = errors.New("in use")

// lock is a lock on a file, which the system releases when the process ends,
// however it does.
type lock struct{ file *os.File }

// lockMode says how a lock is taken.
type lockMode int

const (
	lockShared    lockMode = 0
	lockExclusive lockMode = 1
	lockTry       lockMode = 2 // do not wait
)

func shared(path string) (*lock, error) { return acquire(path, os.O_CREATE, lockShared) }

func exclusive(path string) (*lock, error) { return acquire(path, os.O_CREATE, lockExclusive) }

// tryExclusive locks a file that is there, or fails with ErrInUse.
func tryExclusive(path string) (*lock, error) { return acquire(path, 0, lockExclusive|lockTry) }

// acquire opens a file and locks it. The file may have been removed in between,
// by who had it locked: the lock would be one on nothing.
func acquire(path string, flag int, mode lockMode) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|flag, 0o600)
	if err != nil {
		return nil, err
	}
	l := &lock{f}
	if err := lockFile(f, mode); err != nil {
		l.close()
		return nil, err
	}
	if !l.still(path) {
		l.close()
		return nil, fs.ErrNotExist
	}
	return l, nil
}

// still tells whether the path leads to the file that is locked.
func (l *lock) still(path string) bool {
	mine, err := l.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(mine, there)
}

// close releases the lock; closing the file does that.
func (l *lock) close() { l.file.Close() }
