package mp4

import (
	"encoding/binary"
	"sort"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// wholeBox is how long a moov box may be that is held in memory as a whole.
	wholeBox = 8 << 20
	// longTable is how long a box in a longer one may be that is held in memory, and
	// keptBytes how much of others is: the fields before the rows of a table.
	longTable = 64 << 10
	keptBytes = 16
	// maxOther is the same for boxes that hold no table.
	maxOther = 1 << 20
	// maxSkeleton is how much is held of a moov box in all.
	maxSkeleton = 64 << 20
)

// cut is what was left in the file of a box.
type cut struct {
	box int64 // the offset of its header, as if nothing had been cut
	at  int64 // the offset of what was left, in the file
	n   int64 // its length
}

// cuts are all of a moov box, in order.
type cuts struct {
	file *fileReader
	list []cut
}

// of returns the cut of the box at an offset, nil if it is whole.
func (c *cuts) of(offset int64) *cut {
	i := sort.Search(len(c.list), func(i int) bool { return c.list[i].box >= offset })
	if i == len(c.list) || c.list[i].box != offset {
		return nil
	}
	return &c.list[i]
}

// before returns how much was cut before an offset.
func (c *cuts) before(offset int64) (n int64) {
	for _, x := range c.list {
		if x.box < offset {
			n += x.n
		}
	}
	return n
}

// loadMovie loads a moov box. Of a long one, the rows of its tables stay in the file.
func (f *fileReader) loadMovie(h boxHeader) (box, error) {
	if h.end-h.offset <= wholeBox {
		return f.load(h)
	}
	s := skeleton{file: f, start: h.offset + h.length}
	if err := s.walk(h.offset+h.length, h.end); err != nil {
		return box{}, err
	}
	c := &cuts{file: f, list: s.list}
	return box{kind: h.kind, offset: h.offset, header: h.length, body: s.body, cuts: c}, nil
}

// skeleton is a long moov box without the rows of its tables.
type skeleton struct {
	file  *fileReader
	start int64 // of the body in the file
	body  []byte
	list  []cut
}

// walk adds the boxes from byte at to end of the file.
func (s *skeleton) walk(at, end int64) error {
	for at+8 <= end {
		h, err := s.file.header(at)
		if err != nil {
			return err
		}
		if b, err := s.file.peek(at, 4); err != nil || binary.BigEndian.Uint32(b) == 0 {
			return err // A terminator, which ends a walk in memory too.
		}
		if h.end > end {
			return damaged("the box %s at byte %d says that it is %d bytes long, where the box around it has %d left", h.kind, at, h.end-at, end-at)
		}
		if err := s.add(h); err != nil {
			return err
		}
		at = h.end
	}
	return nil
}

// add adds one box.
func (s *skeleton) add(h boxHeader) error {
	n := h.end - h.offset - h.length
	if h.kind.is("trak", "mdia", "minf", "stbl") {
		header := len(s.body)
		s.body = append(s.body, 0, 0, 0, 0, h.kind[0], h.kind[1], h.kind[2], h.kind[3])
		if err := s.walk(h.offset+h.length, h.end); err != nil {
			return err
		}
		binary.BigEndian.PutUint32(s.body[header:], uint32(len(s.body)-header))
		return nil
	}
	table := h.kind.is("stts", "ctts", "stss", "stps", "stsc", "stco", "co64", "stsz", "stz2", "sbgp")
	kept := n
	switch {
	case table && n > longTable:
		kept = keptBytes
	case n > maxOther:
		kept = 0
	}
	if int64(len(s.body))+kept > maxSkeleton {
		return fault.New(fault.Media, "the moov box has more than the %d bytes beside its tables that are read: remux the file with ffmpeg -i IN -c copy OUT.mp4", maxSkeleton)
	}
	if kept < n {
		s.list = append(s.list, cut{box: s.start + int64(len(s.body)), at: h.offset + h.length + kept, n: n - kept})
	}
	s.body = append(binary.BigEndian.AppendUint32(s.body, uint32(8+kept)), h.kind[:]...)
	b, err := s.file.bytes(h.offset+h.length, kept)
	s.body = append(s.body, b...)
	if err == nil && table && kept < n {
		err = s.file.fetch(h.offset+h.length+kept, n-kept)
	}
	if h.kind.is("stsz", "stz2") {
		s.file.sampleBudget = min(s.file.room, s.file.sampleBudget+n/2)
	}
	return err
}

// fetch reads n bytes in order and forgets them: a remote source then has them near,
// and reading the tables side by side does not make it jump.
func (f *fileReader) fetch(at, n int64) error {
	buf := make([]byte, min(n, windowOfTable))
	for n > 0 {
		buf = buf[:min(n, int64(len(buf)))]
		if err := f.read(buf, at); err != nil {
			return err
		}
		at, n = at+int64(len(buf)), n-int64(len(buf))
	}
	return nil
}

// windowOfTable is how much of the rows of a table is in memory at a time.
const windowOfTable = 64 << 10

// rows are the rows of a table: in memory, or in the file.
type rows struct {
	memory []byte
	file   *fileReader
	at, n  int64 // of what lies in the file
	first  int   // which part of it memory holds
}

// len returns how many bytes the rows have.
func (r *rows) len() int64 {
	if r.file == nil {
		return int64(len(r.memory))
	}
	return r.n
}

// from returns n bytes from byte at on. Where the file cannot be read it returns zeros
// and the file's reader remembers the error.
func (r *rows) from(at, n int) []byte {
	if i := at - r.first; i >= 0 && i+n <= len(r.memory) {
		return r.memory[i : i+n]
	}
	r.move(at)
	return r.memory[:n]
}

// move moves the window to byte at.
func (r *rows) move(at int) {
	if cap(r.memory) < windowOfTable {
		r.memory = make([]byte, windowOfTable)
	}
	r.memory = r.memory[:windowOfTable]
	r.first = at
	n := min(windowOfTable, r.n-int64(at))
	if err := r.file.read(r.memory[:n], r.at+int64(at)); err != nil {
		clear(r.memory)
		if r.file.failed == nil {
			r.file.failed = err
		}
	}
}

// rows returns the rows of the table that begins where the reader is.
func (f *fieldReader) rows() *rows {
	if f.box.cut == nil {
		return &rows{memory: f.rest()}
	}
	left := int64(len(f.rest())) // of what is in memory
	return &rows{file: f.box.cuts.file, at: f.box.cut.at - left, n: f.box.cut.n + left}
}
