package mp4

import (
	"encoding/binary"
	"iter"
)

// box is a box that lies in memory.
type box struct {
	in     string // the path of the box around it
	kind   fourCC
	offset int64 // of its header, from the start of the file
	header int64 // the header's length
	body   []byte
}

// path returns where the box lies: "moov/trak/mdia".
func (b box) path() string {
	if b.in == "" {
		return b.kind.String()
	}
	return b.in + "/" + b.kind.String()
}

// at returns the file's byte at which byte i of the body lies.
func (b box) at(i int) int64 { return b.offset + b.header + int64(i) }

// damaged returns an error about this box.
func (b box) damaged(format string, args ...any) error {
	return damaged("the box %s at byte %d "+format, append([]any{b.path(), b.offset}, args...)...)
}

// children walks the boxes in the body, from its byte skip on. Fewer than 8
// bytes at the end, and a size of 0 (QuickTime's terminator), end the walk.
func (b box) children(skip int) iter.Seq2[box, error] {
	return func(yield func(box, error) bool) {
		path := b.path()
		for at := skip; at >= 0 && at+8 <= len(b.body); {
			c, err := b.child(path, at)
			if c.header == 0 && err == nil || !yield(c, err) || err != nil {
				return
			}
			at += int(c.header) + len(c.body)
		}
	}
}

// child reads the box at byte at of the body, one without a header at a terminator.
func (b box) child(path string, at int) (box, error) {
	left := b.body[at:]
	c := box{in: path, kind: newFourCC(left[4:]), offset: b.at(at), header: 8}
	size := uint64(binary.BigEndian.Uint32(left))
	if size == 0 {
		return box{}, nil
	}
	if size == 1 && len(left) >= 16 {
		c.header, size = 16, binary.BigEndian.Uint64(left[8:])
	}
	if size < uint64(c.header) || size > uint64(len(left)) {
		return c, c.damaged("says that it is %d bytes long, where the box around it has %d left", size, len(left))
	}
	c.body = left[c.header:size]
	return c, nil
}

// find returns the first box at that path below b, false when there is none.
func (b box) find(path ...string) (box, bool, error) {
	for _, name := range path {
		found := false
		for c, err := range b.children(0) {
			if err != nil {
				return box{}, false, err
			}
			if found = c.kind.is(name); found {
				b = c
				break
			}
		}
		if !found {
			return box{}, false, nil
		}
	}
	return b, true, nil
}
