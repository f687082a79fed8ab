package source

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

const (
	dataName   = "data"
	stateName  = "state.json"
	savingName = "saving.lock"
	bringName  = "bringing.lock"
)

// store keeps the blocks of one version of an object in an entry of the cache.
type store struct {
	cache   *cache.Cache
	entry   *cache.Entry
	data    *os.File
	version version
	blocks  *blocks
}

// entryID names the entry of a version. What cannot be known again gets a name
// that nobody finds.
func entryID(o object, v version) string {
	if v.lasting() {
		return digest(o.key()) + "-" + v.id()
	}
	return "once-" + rand.Text()
}

// openStore opens the entry of that id, with what it has of the version. A
// version of unknown size has no blocks before it is spooled.
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
		return nil, errors.Join(noPlace(c.Dir(), err), s.close())
	}
	return s, nil
}

func noPlace(dir string, err error) error {
	return fault.New(fault.Source, "the cache in %s cannot be used: %w; set LILO_CACHE to another folder", dir, cause(err))
}

func (s *store) open(name string) (err error) {
	about := cache.Metadata{Name: name, Kind: "source", Size: max(0, s.version.Size)}
	if err = s.entry.SetMetadata(about); err != nil {
		return err
	}
	if s.data, err = os.OpenFile(s.entry.Path(dataName), os.O_RDWR|os.O_CREATE, 0o600); err != nil || s.version.Size < 0 {
		return err
	}
	if st, ok := s.load(); ok {
		s.blocks.adopt(st.Have)
	}
	return s.data.Truncate(s.version.Size)
}

// load returns the state that the entry has, if it is one of this version and
// the data is as long as it says.
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

// put writes a block and says that it is here.
func (s *store) put(i int, p []byte) error {
	if s.blocks.has(i) {
		return nil
	}
	if _, err := s.data.WriteAt(p, int64(i)*blockSize); err != nil {
		return s.unwritten(err)
	}
	s.blocks.add(i)
	return nil
}

// unwritten says what to do where something could not be written. Room that
// the cache can make, it has made.
func (s *store) unwritten(err error) error {
	dir := s.cache.Dir()
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &trouble{full, "cannot be kept, for the disk of " + dir + " is full: free some room, or set LILO_CACHE to another folder"}
	}
	return &trouble{full, "cannot be kept in " + dir + ": " + cause(err).Error()}
}

// save makes what is here last: first the data, then the state that tells of
// it. What other processes have brought meanwhile is taken over.
func (s *store) save() error {
	mine := s.blocks.runs()
	if err := s.data.Sync(); err != nil {
		return s.unwritten(err)
	}
	unlock, err := s.entry.Lock(savingName)
	if err != nil {
		return s.unwritten(err)
	}
	defer unlock()
	all := newBlocks(s.version.Size)
	all.adopt(mine)
	if st, ok := s.load(); ok {
		all.adopt(st.Have)
		s.blocks.adopt(st.Have)
	}
	text, err := state{Version: s.version, Have: all.runs()}.marshal()
	if err == nil {
		err = s.entry.Write(stateName, text)
	}
	if err != nil {
		return s.unwritten(err)
	}
	return nil
}

// whole checks that the data is as long as the object.
func (s *store) whole() error {
	info, err := s.data.Stat()
	if err == nil && info.Size() != s.version.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fault.New(fault.Source, "%s: %w: lilo cache clear removes it", s.entry.Path(dataName), cause(err))
	}
	return nil
}

// spool writes all that comes, up to limit bytes, and so learns the size.
func (s *store) spool(f *flow, limit int64, progress func(int64)) error {
	buf := make([]byte, blockSize)
	at := int64(0)
	for {
		n, err := f.fill(buf)
		if at+int64(n) > limit {
			return &trouble{refused, "sends no length and does not end: more came than the cache may hold; set LILO_CACHE_SIZE to more if it does end"}
		}
		if _, err := s.data.WriteAt(buf[:n], at); err != nil {
			return s.unwritten(err)
		}
		at += int64(n)
		progress(at)
		if errors.Is(err, io.EOF) {
			return s.settle(at)
		}
		if err != nil {
			return err
		}
	}
}

// settle says that all is here, and how much that is.
func (s *store) settle(size int64) error {
	s.version.Size = size
	s.blocks = newBlocks(size)
	if n := len(s.blocks.have); n > 0 {
		s.blocks.adopt([]run{{0, n}})
	}
	return s.data.Truncate(size)
}

// path returns where the data lies.
func (s *store) path() string { return filepath.Clean(s.entry.Path(dataName)) }

// close releases the entry, and removes it where no one could find it again.
func (s *store) close() error {
	if s.data != nil {
		s.data.Close()
	}
	if !s.version.lasting() {
		return s.entry.Discard()
	}
	s.entry.Close()
	return nil
}
