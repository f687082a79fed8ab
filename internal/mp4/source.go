package mp4

import (
	"encoding/binary"
	"errors"
	"io"
	"iter"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// maxBox is the largest box that is read into memory: a moov of some twenty million samples.
	maxBox = 512 << 20
	// windowSize holds a box header and, in most fragmented files, the whole moof
	// behind it, so that each fragment costs one read.
	windowSize = 4096
)

// source is the file: checked reads, and a small window for headers.
type source struct {
	r    io.ReaderAt
	size int64
	// room is how many more samples the file can hold: one for each of its bytes.
	room   int64
	window []byte
	at     int64 // where window lies in the file
}

func newSource(r io.ReaderAt, size int64) *source {
	return &source{r: r, size: size, room: size}
}

// take reserves room for n samples.
func (s *source) take(n int64) bool {
	if n > s.room {
		return false
	}
	s.room -= n
	return true
}

// read fills p from byte at, which lies with all of p inside of the file.
func (s *source) read(p []byte, at int64) error {
	n, err := s.r.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case err == nil, errors.Is(err, io.EOF):
		return fault.New(fault.Source, "the source ends at byte %d, although it said that it has %d: it was cut while it was read; try again", at+int64(n), s.size)
	default:
		return fault.New(fault.Source, "reading %d bytes at byte %d: %w", len(p), at, err)
	}
}

// peek returns n bytes (at most windowSize, all inside of the file) at byte at.
// They are good until the next peek.
func (s *source) peek(at int64, n int) ([]byte, error) {
	if at < s.at || at+int64(n) > s.at+int64(len(s.window)) {
		w := make([]byte, 0, windowSize)
		if cap(s.window) > 0 {
			w = s.window[:0]
		}
		s.window = nil
		w = w[:min(windowSize, s.size-at)]
		if err := s.read(w, at); err != nil {
			return nil, err
		}
		s.window, s.at = w, at
	}
	return s.window[at-s.at:][:n], nil
}

// bytes reads n bytes at byte at into memory of their own. The last byte is
// read first, so that a size that lies does not allocate.
func (s *source) bytes(at, n int64) ([]byte, error) {
	if n <= windowSize {
		p, err := s.peek(at, int(n))
		return append([]byte(nil), p...), err
	}
	if err := s.read(make([]byte, 1), at+n-1); err != nil {
		return nil, err
	}
	p := make([]byte, n)
	return p, s.read(p, at)
}

// header is the beginning of a box of the file's top level (ISO/IEC 14496-12, 4.2).
type header struct {
	kind   fourCC
	offset int64 // of the header
	length int64 // of the header
	end    int64 // of the box, as its header says
}

// cut reports whether the box goes on beyond the end of the file.
func (h header) cut(s *source) bool { return h.end > s.size }

// boxes walks the top level of the file. It ends without an error where fewer
// than 8 bytes are left, which some writers leave behind.
func (s *source) boxes() iter.Seq2[header, error] {
	return func(yield func(header, error) bool) {
		for at := int64(0); at+8 <= s.size; {
			h, err := s.header(at)
			if !yield(h, err) || err != nil {
				return
			}
			at = h.end
		}
	}
}

func (s *source) header(at int64) (header, error) {
	b, err := s.peek(at, int(min(16, s.size-at)))
	if err != nil {
		return header{}, err
	}
	h := header{kind: newFourCC(b[4:]), offset: at, length: 8}
	size := uint64(binary.BigEndian.Uint32(b))
	switch {
	case size == 0: // To the end of the file.
		size = uint64(s.size - at)
	case size == 1 && len(b) < 16:
		return h, damaged("the file ends in the header of box %s at byte %d", h.kind, at)
	case size == 1:
		h.length, size = 16, binary.BigEndian.Uint64(b[8:])
	}
	if size < uint64(h.length) || size > 1<<62 {
		return h, damaged("the box %s at byte %d says that it is %d bytes long", h.kind, at, size)
	}
	h.end = at + int64(size)
	return h, nil
}

// load reads the whole box into memory.
func (s *source) load(h header) (box, error) {
	n := h.end - h.offset - h.length
	if n > maxBox {
		return box{}, fault.New(fault.Media, "the box %s at byte %d has %d bytes, more than the %d that are read: remux the file with ffmpeg -i IN -c copy OUT.mp4", h.kind, h.offset, n, maxBox)
	}
	body, err := s.bytes(h.offset+h.length, n)
	return box{kind: h.kind, offset: h.offset, header: h.length, body: body}, err
}
