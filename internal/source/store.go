package source

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

const (
	dataName  = "data"
	stateName = "state.json"
	// saveLockName is the lock for writing the state, restLockName that of the
	// process that fetches the rest of the object.
	saveLockName = "saving.lock"
	restLockName = "bringing.lock"
)

// store keeps the blocks of one version of an object in a cache entry.
type store struct {
	cache   *cache.Cache
	entry   *cache.Entry
	data    *os.File
	version version
	blocks  *blocks
}

// entryID returns the id of a version's cache entry. A version that cannot be
// recognized later gets a random one.
func entryID(o object, v version) string {
	if v.recognizable() {
		return digest(o.key()) + "-" + v.id()
	}
	return "once-" + rand.Text()
}

// openStore opens a cache entry with the blocks that it has of the version. A
// version of unknown size has no blocks until it is spooled.
func openStore(c *cache.Cache, id, name string, v version) (*store, error) {
	if err := c.MakeRoom(id, max(0, v.Size)); err != nil {
		return nil, err
	}
	e, err := c.Use(id)
	if err != nil {
		return nil, err
	}
	s := &store{cache: c, entry: e, version: v, blocks: newBlocks(max(0, v.Size))}
	if err := s.open(name); err != nil {
		unusable := fault.New(fault.Source, "the cache in %s cannot be used: %w; set LILO_CACHE to another folder", c.Dir(), fault.Reason(err))
		return nil, errors.Join(unusable, s.close())
	}
	return s, nil
}

func (s *store) open(name string) (err error) {
	metadata := cache.Metadata{Name: name, Kind: "source", Size: max(0, s.version.Size)}
	if err = s.entry.SetMetadata(metadata); err != nil {
		return err
	}
	if s.data, err = os.OpenFile(s.entry.Path(dataName), os.O_RDWR|os.O_CREATE, 0o600); err != nil || s.version.Size < 0 {
		return err
	}
	if st, ok := s.load(); ok {
		s.blocks.add(st.Have...)
	} else if err := os.Remove(s.entry.Path(stateName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // Once the data has its size again, the state would be believed.
	}
	return s.data.Truncate(s.version.Size)
}

// load returns the saved state, false unless it is of this version and the data
// has its size.
func (s *store) load() (state, bool) {
	st, err := readState(s.entry.Path(stateName))
	info, statErr := s.data.Stat()
	ok := err == nil && statErr == nil && st.Version.Size == s.version.Size && st.Version.same(s.version) && info.Size() == st.Version.Size
	return st, ok
}

func readState(path string) (state, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return state{}, err
	}
	return parseState(text)
}

// put writes a block and records it as present.
func (s *store) put(i int, p []byte) error {
	if s.blocks.has(i) {
		return nil
	}
	if _, err := s.data.WriteAt(p, int64(i)*blockSize); err != nil {
		return s.writeError(err)
	}
	s.blocks.add(blockRange{i, i + 1})
	return nil
}

// writeError returns the error for data that could not be written. The cache has
// already made what room it can.
func (s *store) writeError(err error) error {
	dir := s.cache.Dir()
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &fetchError{noSpace, "cannot be cached because the disk of " + dir + " is full: free some space, or set LILO_CACHE to another folder"}
	}
	return &fetchError{noSpace, "cannot be cached in " + dir + ": " + fault.Reason(err).Error()}
}

// save makes the present blocks durable: first the data, then the state that
// lists them. It merges the blocks that other processes have saved meanwhile.
func (s *store) save() error {
	mine := s.blocks.ranges()
	if err := s.data.Sync(); err != nil {
		return s.writeError(err)
	}
	unlock, err := s.entry.Lock(saveLockName)
	if err != nil {
		return s.writeError(err)
	}
	defer unlock()
	all := newBlocks(s.version.Size)
	all.add(mine...)
	if st, ok := s.load(); ok {
		all.add(st.Have...)
		s.blocks.add(st.Have...)
	}
	text, err := state{Version: s.version, Have: all.ranges()}.marshal()
	if err == nil {
		err = s.entry.Write(stateName, text)
	}
	if err != nil {
		return s.writeError(err)
	}
	return nil
}

// checkSize checks that the data is as long as the object.
func (s *store) checkSize() error {
	info, err := s.data.Stat()
	if err == nil && info.Size() != s.version.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fault.New(fault.Source, "%s: %w: remove it with lilo cache clear", s.path(), fault.Reason(err))
	}
	return nil
}

// spool writes a transfer to its end, at most limit bytes, and sets the size.
func (s *store) spool(t *transfer, limit int64, progress func(int64)) error {
	buf := make([]byte, blockSize)
	at := int64(0)
	for {
		n, err := t.fill(buf)
		if at+int64(n) > limit {
			return &fetchError{refused, "has no length and does not end: it is larger than the cache may be; raise LILO_CACHE_SIZE if it does end"}
		}
		if _, err := s.data.WriteAt(buf[:n], at); err != nil {
			return s.writeError(err)
		}
		at += int64(n)
		progress(at)
		if errors.Is(err, io.EOF) {
			return s.setSize(at)
		}
		if err != nil {
			return err
		}
	}
}

// setSize records that the object is complete with that size.
func (s *store) setSize(size int64) error {
	s.version.Size = size
	s.blocks = newBlocks(size)
	s.blocks.add(blocksOf(0, size))
	return s.data.Truncate(size)
}

func (s *store) path() string { return filepath.Clean(s.entry.Path(dataName)) }

// close releases the entry, and removes it if no later start can recognize it.
func (s *store) close() error {
	if s.data != nil {
		s.data.Close()
	}
	if !s.version.recognizable() {
		return s.entry.Discard()
	}
	s.entry.Close()
	return nil
}
