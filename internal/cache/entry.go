package cache

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockName     = "lock"
	metadataName = "about.json"
)

// Metadata describes an entry.
type Metadata struct {
	// Name is where the entry is from, without credentials.
	Name string `json:"name"`
	// Kind says what the entry is, such as "source".
	Kind string `json:"kind"`
	// Size is its size in bytes when it is complete, 0 if that is unknown.
	Size int64 `json:"size"`
}

// Info is an entry as List returns it.
type Info struct {
	Metadata
	// ID is the name of the entry's directory.
	ID string `json:"id"`
	// Stored is how many bytes the entry occupies on the disk.
	Stored int64 `json:"stored"`
	// Used is when the entry was last used.
	Used time.Time `json:"used"`
	// InUse reports whether a process uses the entry now.
	InUse bool `json:"in_use"`
}

// Entry is an entry in use. No process removes it before it is closed.
type Entry struct {
	// ID is the name of the entry's directory.
	ID    string
	cache *Cache
	lock  *flock.Flock
}

// Use returns the entry with that id and creates it if necessary.
func (c *Cache) Use(id string) (*Entry, error) {
	for range 10 { // Another process may remove it between any two steps.
		if err := os.MkdirAll(filepath.Join(c.dir, id), 0o700); err != nil {
			return nil, c.unusable(err)
		}
		path := c.Path(id, lockName)
		l, err := acquire(path, os.O_CREATE, waiting((*flock.Flock).RLock))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, c.unusable(err)
		}
		now := time.Now()
		if err := os.Chtimes(path, now, now); err != nil {
			l.Close()
			return nil, c.unusable(err)
		}
		return &Entry{ID: id, cache: c, lock: l}, nil
	}
	return nil, c.unusable(errors.New("another process keeps removing the entry"))
}

// Path returns the path of a file in the entry.
func (e *Entry) Path(name string) string { return e.cache.Path(e.ID, name) }

// SetMetadata stores what the entry is.
func (e *Entry) SetMetadata(m Metadata) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return e.Write(metadataName, text)
}

// Write writes a file of the entry, which exists completely or not at all even
// after a crash.
func (e *Entry) Write(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(e.Path(name)), name+".tmp*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), e.Path(name))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Lock waits for the lock of that name, which one user of the entry can hold at
// a time, and returns the function that releases it.
func (e *Entry) Lock(name string) (unlock func(), err error) {
	return e.acquire(name, waiting((*flock.Flock).Lock))
}

// TryLock is Lock without waiting. It returns ErrInUse if the lock is held.
func (e *Entry) TryLock(name string) (unlock func(), err error) {
	return e.acquire(name, (*flock.Flock).TryLock)
}

func (e *Entry) acquire(name string, method func(*flock.Flock) (bool, error)) (unlock func(), err error) {
	l, err := acquire(e.Path(name), os.O_CREATE, method)
	if err != nil {
		return nil, err
	}
	return func() { l.Close() }, nil
}

// Close ends the use of the entry.
func (e *Entry) Close() { e.lock.Close() }

// Discard ends the use of the entry and removes it unless others use it.
func (e *Entry) Discard() error {
	e.Close()
	if err := e.cache.Remove(e.ID); err != nil && !errors.Is(err, ErrInUse) {
		return err
	}
	return nil
}

// info returns an entry's Info, false if there is no such entry.
func (c *Cache) info(id string) (Info, bool) {
	lock, err := os.Stat(c.Path(id, lockName))
	if err != nil {
		return Info{}, false
	}
	i := Info{ID: id, Used: lock.ModTime(), Stored: c.stored(id), InUse: c.inUse(id)}
	// An entry without readable metadata still occupies space.
	if text, err := os.ReadFile(c.Path(id, metadataName)); err != nil || json.Unmarshal(text, &i.Metadata) != nil {
		i.Metadata = Metadata{}
	}
	return i, true
}

// stored returns how many bytes the files of an entry occupy on the disk.
func (c *Cache) stored(id string) int64 {
	files, _ := os.ReadDir(filepath.Join(c.dir, id))
	total := int64(0)
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			total += allocated(info)
		}
	}
	return total
}

func (c *Cache) inUse(id string) bool {
	l, err := tryExclusive(c.Path(id, lockName))
	if err != nil {
		return errors.Is(err, ErrInUse)
	}
	l.Close()
	return false
}
