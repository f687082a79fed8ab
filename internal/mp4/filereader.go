package mp4

import (
	"encoding/binary"
	"errors"
	"io"
	"iter"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// maxBox is the largest box that is loaded, in bytes: a moov of some twenty million samples.
	maxBox = 512 << 20
	// windowSize holds a box header and, in most fragmented files, the whole moof
	// after it, so that each fragment costs one read.
	windowSize = 4096
)

// fileReader reads a file with checks, and with a small window for headers.
type fileReader struct {
	r    io.ReaderAt
	size int64
	// room is how many more samples the file can hold: one for each of its bytes.
	// sampleBudget is how many it may have, which grows with what was read of its
	// index: the size of a file costs nothing where it has holes or a server lies.
	room, sampleBudget int64
	window             []byte
	windowStart        int64 // in the file
	failed             error // the first failure to read the rows of a table
}

func newFileReader(r io.ReaderAt, size int64) *fileReader {
	return &fileReader{r: r, size: size, room: size, sampleBudget: min(size, freeSamples)}
}

// freeSamples is how many samples an index of any size may list: 37 hours of AC-3
// frames, which may take nothing in it, and 100 MB of memory.
const freeSamples = 4 << 20

// takeSamples reserves n samples of the budget. Otherwise it returns why they are too many.
func (f *fileReader) takeSamples(n int64) (excess string) {
	switch {
	case n > f.room:
		return "more than the file has bytes"
	case n > f.sampleBudget:
		return "more than an index of so few bytes lists"
	}
	f.room -= n
	f.sampleBudget -= n
	return ""
}

// read fills p from offset at. All of p must lie inside the file.
func (f *fileReader) read(p []byte, at int64) error {
	n, err := f.r.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case err == nil, errors.Is(err, io.EOF):
		return fault.New(fault.Source, "the source ends at byte %d, although its size was %d: it was truncated while it was read; try again", at+int64(n), f.size)
	default:
		return fault.New(fault.Source, "reading %d bytes at byte %d: %w", len(p), at, err)
	}
}

// peek returns n bytes at offset at, at most windowSize and all inside the
// file. They are valid until the next peek.
func (f *fileReader) peek(at int64, n int) ([]byte, error) {
	if at < f.windowStart || at+int64(n) > f.windowStart+int64(len(f.window)) {
		w := f.window[:0]
		if cap(w) == 0 {
			w = make([]byte, 0, windowSize)
		}
		f.window = nil
		w = w[:min(windowSize, f.size-at)]
		if err := f.read(w, at); err != nil {
			return nil, err
		}
		f.window, f.windowStart = w, at
	}
	return f.window[at-f.windowStart:][:n], nil
}

// bytes returns a copy of n bytes at offset at. It reads the last byte first, so
// that a wrong size does not allocate.
func (f *fileReader) bytes(at, n int64) ([]byte, error) {
	if n <= windowSize {
		p, err := f.peek(at, int(n))
		return append([]byte(nil), p...), err
	}
	if err := f.read(make([]byte, 1), at+n-1); err != nil {
		return nil, err
	}
	p := make([]byte, n)
	return p, f.read(p, at)
}

// boxHeader is the header of a box at the top level of the file (ISO/IEC 14496-12, 4.2).
type boxHeader struct {
	kind   fourCC
	offset int64 // of the header
	length int64 // of the header
	end    int64 // of the box, as the header says
}

// truncated reports whether the file ends within the box.
func (h boxHeader) truncated(f *fileReader) bool { return h.end > f.size }

// boxes walks the top level of the file. It ends without an error where fewer
// than 8 bytes are left, which some writers leave there.
func (f *fileReader) boxes(from int64) iter.Seq2[boxHeader, error] {
	return func(yield func(boxHeader, error) bool) {
		for at := from; at+8 <= f.size; {
			h, err := f.header(at)
			if !yield(h, err) || err != nil {
				return
			}
			at = h.end
		}
	}
}

func (f *fileReader) header(at int64) (boxHeader, error) {
	b, err := f.peek(at, int(min(16, f.size-at)))
	if err != nil {
		return boxHeader{}, err
	}
	h := boxHeader{kind: newFourCC(b[4:]), offset: at, length: 8}
	size := uint64(binary.BigEndian.Uint32(b))
	switch {
	case size == 0: // The box extends to the end of the file.
		size = uint64(f.size - at)
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

// load reads a whole box, which must lie inside the file, into memory.
func (f *fileReader) load(h boxHeader) (box, error) {
	n := h.end - h.offset - h.length
	if n > maxBox {
		return box{}, fault.New(fault.Media, "the box %s at byte %d has %d bytes, more than the %d that are read: remux the file with ffmpeg -i IN -c copy OUT.mp4", h.kind, h.offset, n, maxBox)
	}
	body, err := f.bytes(h.offset+h.length, n)
	f.sampleBudget = min(f.room, f.sampleBudget+n/2)
	return box{kind: h.kind, offset: h.offset, header: h.length, body: body}, err
}
