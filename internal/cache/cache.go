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

// Cache is a directory of entries. It has no other state: other processes
// change the directory too.
type Cache struct {
	dir   string
	limit int64
}

// New returns the cache in a directory, bounded to limit bytes. The first entry
// creates the directory.
func New(dir string, limit int64) *Cache { return &Cache{dir: dir, limit: limit} }

// Dir returns the directory of the cache.
func (c *Cache) Dir() string { return c.dir }

// Limit returns the maximum size of all entries together, in bytes.
func (c *Cache) Limit() int64 { return c.limit }

// List returns the entries, the most recently used first.
func (c *Cache) List() ([]Info, error) {
	dirs, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, c.unusable(err)
	}
	var all []Info
	for _, f := range dirs {
		if info, ok := c.info(f.Name()); ok {
			all = append(all, info)
		}
	}
	slices.SortStableFunc(all, func(a, b Info) int { return b.Used.Compare(a.Used) })
	return all, nil
}

// Find returns the ids that begin with prefix, the most recently used first.
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

// MakeRoom lets an entry grow to a number of bytes. It removes unused entries,
// the least recently used first, until both the cache's limit and the disk have
// room. Its errors are faults of kind Source.
func (c *Cache) MakeRoom(id string, bytes int64) error {
	if bytes > c.limit {
		return fault.New(fault.Source, "%s are more than the cache may hold (%s): raise %s", FormatBytes(bytes), FormatBytes(c.limit), sizeVariable)
	}
	all, err := c.List()
	if err != nil {
		return err
	}
	excess := c.excess(all, id, bytes)
	for _, i := range slices.Backward(all) {
		if excess <= 0 {
			return nil
		}
		if i.ID != id && !i.InUse && c.Remove(i.ID) == nil {
			excess -= i.Stored
		}
	}
	if excess > 0 {
		return fault.New(fault.Source, "there is no room for %s in %s, %s are missing: free some, run lilo cache clear, or set %s to another folder or raise %s",
			FormatBytes(bytes), c.dir, FormatBytes(excess), dirVariable, sizeVariable)
	}
	return nil
}

// excess returns how many bytes must be removed before the entry can have that
// many bytes. Entries in use count with their complete size.
func (c *Cache) excess(all []Info, id string, bytes int64) int64 {
	stored, others := int64(0), int64(0)
	for _, i := range all {
		switch {
		case i.ID == id:
			stored = i.Stored
		case i.InUse:
			others += max(i.Stored, i.Size)
		default:
			others += i.Stored
		}
	}
	excess := others + bytes - c.limit
	if free, ok := freeBytes(c.dir); ok {
		excess = max(excess, bytes-stored-free)
	}
	return excess
}

// Remove removes an entry. It returns ErrInUse if the entry is in use.
func (c *Cache) Remove(id string) error {
	l, err := tryExclusive(c.Path(id, lockName))
	if err != nil {
		return err
	}
	defer l.Close()
	// The lock file goes last, so that no process uses a half-removed entry.
	files, err := os.ReadDir(filepath.Join(c.dir, id))
	if err != nil {
		return c.unusable(err)
	}
	for _, f := range files {
		if f.Name() == lockName {
			continue
		}
		if err := os.RemoveAll(c.Path(id, f.Name())); err != nil {
			return c.unusable(err)
		}
	}
	return errors.Join(os.Remove(c.Path(id, lockName)), os.Remove(filepath.Join(c.dir, id)))
}

// Path returns the path of a file in an entry. Unless the entry is in use, the
// file may be removed at any time.
func (c *Cache) Path(id, name string) string { return filepath.Join(c.dir, id, name) }

func (c *Cache) unusable(err error) error {
	return fault.New(fault.Source, "the cache in %s cannot be used: %w; set %s to another folder", c.dir, err, dirVariable)
}

// FormatBytes returns a number of bytes for people, with a decimal prefix: "1.5 GB".
func FormatBytes(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, i := float64(n)/1000, 0
	for ; v >= 999.95 && i < len(units)-1; i++ {
		v /= 1000
	}
	return fmt.Sprintf("%.1f %cB", v, units[i])
}
