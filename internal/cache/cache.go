// Package cache keeps what took time to get or to make: a folder of entries,
// bounded in size, of which the least recently used leave first and one that is
// in use never does. Any number of processes may share the folder.
package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Cache is a folder of entries. It holds no state of its own: the folder is
// the state, and other processes change it too.
type Cache struct {
	dir   string
	limit int64
}

// New returns the cache in that folder, which is bounded to limit bytes. The
// folder is made when the first entry is.
func New(dir string, limit int64) *Cache { return &Cache{dir: dir, limit: limit} }

// Dir is the folder.
func (c *Cache) Dir() string { return c.dir }

// Limit is how many bytes all entries may have together.
func (c *Cache) Limit() int64 { return c.limit }

// List returns what the cache holds, the most recently used first.
func (c *Cache) List() ([]Info, error) {
	folders, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, c.broken(err)
	}
	var all []Info
	for _, f := range folders {
		if info, ok := c.look(f.Name()); ok {
			all = append(all, info)
		}
	}
	slices.SortStableFunc(all, func(a, b Info) int { return b.Used.Compare(a.Used) })
	return all, nil
}

// Find returns the ids of the entries that begin so, the most recently used first.
func (c *Cache) Find(prefix string) ([]string, error) {
	all, err := c.List()
	var ids []string
	for _, i := range all {
		if strings.HasPrefix(i.ID, prefix) {
			ids = append(ids, i.ID)
		}
	}
	return ids, err
}

// MakeRoom sees to it that an entry can grow to so many bytes: it removes entries
// that nobody uses, the longest unused first, until both the bound of the cache
// and the disk have room. Faults are of kind Source.
func (c *Cache) MakeRoom(id string, bytes int64) error {
	if bytes > c.limit {
		return fault.New(fault.Source, "%s are more than the cache may hold (%s): set %s to more", amount(bytes), amount(c.limit), sizeVariable)
	}
	all, err := c.List()
	if err != nil {
		return err
	}
	need := c.need(all, id, bytes)
	for _, i := range slices.Backward(all) {
		if need <= 0 {
			return nil
		}
		if i.ID != id && !i.InUse && c.Remove(i.ID) == nil {
			need -= i.Stored
		}
	}
	if need > 0 {
		return c.full(bytes, need)
	}
	return nil
}

// need returns how many bytes must go before the entry can have so many.
func (c *Cache) need(all []Info, id string, bytes int64) int64 {
	stored, others := int64(0), int64(0)
	for _, i := range all {
		switch {
		case i.ID == id:
			stored = i.Stored
		case i.InUse:
			others += max(i.Stored, i.Size) // It is going to be whole.
		default:
			others += i.Stored
		}
	}
	need := others + bytes - c.limit
	if free, ok := freeBytes(c.dir); ok {
		need = max(need, bytes-stored-free)
	}
	return need
}

func (c *Cache) full(bytes, missing int64) error {
	return fault.New(fault.Source, "there is no room for %s in %s, %s are missing: free some, lilo cache clear what is not needed, or set %s to another folder or %s to more",
		amount(bytes), c.dir, amount(missing), dirVariable, sizeVariable)
}

// Remove removes an entry that nobody uses. Its error is ErrInUse otherwise.
func (c *Cache) Remove(id string) error {
	l, err := tryExclusive(c.path(id, lockName))
	if err != nil {
		return err
	}
	defer l.close()
	return c.empty(id)
}

// empty removes the files of an entry, the lock last: until then it keeps
// others from using what is only half there.
func (c *Cache) empty(id string) error {
	files, err := os.ReadDir(filepath.Join(c.dir, id))
	if err != nil {
		return c.broken(err)
	}
	for _, f := range files {
		if f.Name() == lockName {
			continue
		}
		if err := os.RemoveAll(c.path(id, f.Name())); err != nil {
			return c.broken(err)
		}
	}
	return errors.Join(os.Remove(c.path(id, lockName)), os.Remove(filepath.Join(c.dir, id)))
}

// Path returns where a file of an entry lies, which may be gone at any time
// unless the entry is in use.
func (c *Cache) Path(id, name string) string { return c.path(id, name) }

func (c *Cache) path(id, name string) string { return filepath.Join(c.dir, id, name) }

func (c *Cache) broken(err error) error {
	return fault.New(fault.Source, "the cache in %s cannot be used: %w; set %s to another folder", c.dir, err, dirVariable)
}

// amount shows a number of bytes.
func amount(n int64) string {
	v, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if v < 999.95 {
			break
		}
		v, unit = v/1000, u
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}
