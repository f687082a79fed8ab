package mp4

import (
	"encoding/binary"
	"errors"
)

// box is a box in memory.
type box struct {
	parent string // the path of the box around it
	kind   fourCC
	offset int64 // of its header in the file
	header int64 // length of the header
	body   []byte
	cuts   *cuts // of the moov box around it, nil if that is whole
	cut    *cut  // its own, nil if it is whole
}

// path returns the types from the top level down: "moov/trak/mdia".
func (b box) path() string {
	if b.parent == "" {
		return b.kind.String()
	}
	return b.parent + "/" + b.kind.String()
}

// damaged returns an error about this box.
func (b box) damaged(format string, args ...any) error {
	offset := b.offset
	if b.cuts != nil {
		offset += b.cuts.before(offset)
	}
	return damaged("the box %s at byte %d "+format, append([]any{b.path(), offset}, args...)...)
}

// each calls f for each box in the body, from byte skip on, until f returns an
// error. Fewer than 8 bytes at the end, and a size of 0 (QuickTime's
// terminator), end the walk.
func (b box) each(skip int, f func(box) error) error {
	path := b.path()
	for at := skip; at+8 <= len(b.body); {
		c, err := b.child(path, at)
		if err == nil && c.header > 0 {
			err = f(c)
		}
		if err != nil || c.header == 0 {
			return err
		}
		at += int(c.header) + len(c.body)
	}
	return nil
}

// child returns the box at byte at of the body, a zero box for a terminator.
func (b box) child(path string, at int) (box, error) {
	left := b.body[at:]
	c := box{parent: path, kind: newFourCC(left[4:]), offset: b.offset + b.header + int64(at), header: 8}
	if b.cuts != nil {
		c.cuts, c.cut = b.cuts, b.cuts.of(c.offset)
	}
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

// find returns the first box at that path in b, false if there is none. It does
// not look at what follows that box.
func (b box) find(path ...string) (found box, ok bool, err error) {
	for _, name := range path {
		err := b.each(0, func(c box) error {
			if c.kind.is(name) {
				found = c
				return errFound
			}
			return nil
		})
		if !errors.Is(err, errFound) {
			return box{}, false, err
		}
		b = found
	}
	return b, true, nil
}

// errFound ends the walk of find.
var errFound = errors.New("found")

// require is find for a box that must exist.
func (b box) require(name string) (box, error) {
	c, ok, err := b.find(name)
	if err == nil && !ok {
		err = b.missing(name)
	}
	return c, err
}

func (b box) missing(name string) error { return b.damaged("holds no %s box", name) }
