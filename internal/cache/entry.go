package cache

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	lockName  = "lock"
	aboutName = "about.json"
)

// Metadata is what an entry says of itself.
type Metadata struct {
	// Name is what people call it: where it is from, without credentials.
	Name string `json:"name"`
	// Kind is what it is: "source", say.
	Kind string `json:"kind"`
	// Size is how many bytes it has when it is whole, 0 where that is not known.
	Size int64 `json:"size"`
}

// Info is an entry as List shows it.
type Info struct {
	Metadata
	// ID is the name of the entry's folder.
	ID string `json:"id"`
	// Stored is how many bytes it takes on the disk.
	Stored int64 `json:"stored"`
	// Used is when it was used last.
	Used time.Time `json:"used"`
	// InUse tells whether a process uses it now.
	InUse bool `json:"in_use"`
}

// Entry is an entry in use: it is not removed before it is closed, nor by
// another process.
type Entry struct {
	// ID is the name of the entry's folder.
	ID    string
	cache *Cache
	lock  *lock
}

// Use returns the entry of that id, which is made if it is not there.
func (c *Cache) Use(id string) (*Entry, error) {
	// Each round but the last may meet a removal by another process.
	for range 10 {
		if err := os.MkdirAll(filepath.Join(c.dir, id), 0o700); err != nil {
			return nil, c.broken(err)
		}
		l, err := shared(c.path(id, lockName))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, c.broken(err)
		}
		e := &Entry{ID: id, cache: c, lock: l}
		if err := e.touch(); err != nil {
			return nil, err
		}
		return e, nil
	}
	return nil, c.broken(errors.New("it is being emptied all the time"))
}

// touch makes the entry the most recently used. A write does that without a clock.
func (e *Entry) touch() error {
	if _, err := e.lock.file.WriteAt([]byte{'\n'}, 0); err != nil {
		e.lock.close()
		return e.cache.broken(err)
	}
	return nil
}

// Path returns where a file of the entry lies.
func (e *Entry) Path(name string) string { return e.cache.path(e.ID, name) }

// SetMetadata has the entry say what it is.
func (e *Entry) SetMetadata(a Metadata) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return e.Write(aboutName, text)
}

// Write puts a file into the entry, which is there as a whole or not at all,
// whatever happens.
func (e *Entry) Write(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Join(e.cache.dir, e.ID), name+".tmp*")
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

// Lock takes a lock of that name which one user of the entry can have at a
// time; what it returns releases it. It waits for the one who has it.
func (e *Entry) Lock(name string) (unlock func(), err error) {
	l, err := exclusive(e.Path(name))
	if err != nil {
		return nil, err
	}
	return l.close, nil
}

// TryLock is Lock for those who do not wait: its error is ErrInUse then.
func (e *Entry) TryLock(name string) (unlock func(), err error) {
	l, err := acquire(e.Path(name), os.O_CREATE, lockExclusive|lockTry)
	if err != nil {
		return nil, err
	}
	return l.close, nil
}

// Close ends the use of the entry.
func (e *Entry) Close() { e.lock.close() }

// Discard ends the use of the entry and removes it, unless others use it.
func (e *Entry) Discard() error {
	e.lock.close()
	if err := e.cache.Remove(e.ID); err != nil && !errors.Is(err, ErrInUse) {
		return err
	}
	return nil
}

// look returns what an entry is, false where there is none.
func (c *Cache) look(id string) (Info, bool) {
	used, err := os.Stat(c.path(id, lockName))
	if err != nil {
		return Info{}, false
	}
	i := Info{ID: id, Used: used.ModTime(), Stored: c.stored(id), InUse: c.inUse(id)}
	// Where it cannot be read the entry is of no use, and is shown for what it takes.
	if text, err := os.ReadFile(c.path(id, aboutName)); err != nil || json.Unmarshal(text, &i.Metadata) != nil {
		i.Metadata = Metadata{}
	}
	return i, true
}

// stored counts what the files of an entry take on the disk.
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
	l, err := tryExclusive(c.path(id, lockName))
	if err != nil {
		return errors.Is(err, ErrInUse)
	}
	l.close()
	return false
}
