package mp4

import "encoding/binary"

// fields reads the fields of a box one after the other. Behind the end it gives
// zeros and remembers that it did, so that one check at the end will do.
type fields struct {
	box   box
	at    int
	short bool
}

// next returns the next n bytes, zeros when there are fewer (n is at most 8 then).
func (f *fields) next(n int) []byte {
	if n < 0 || n > len(f.box.body)-f.at {
		f.short = true
		return make([]byte, 8)
	}
	f.at += n
	return f.box.body[f.at-n : f.at]
}

func (f *fields) u8() byte    { return f.next(1)[0] }
func (f *fields) u16() uint16 { return binary.BigEndian.Uint16(f.next(2)) }
func (f *fields) u32() uint32 { return binary.BigEndian.Uint32(f.next(4)) }
func (f *fields) u64() uint64 { return binary.BigEndian.Uint64(f.next(8)) }

// wide reads a field of 64 bits in version 1 of a box, of 32 bits in version 0.
func (f *fields) wide(version byte) uint64 {
	if version == 0 {
		return uint64(f.u32())
	}
	return f.u64()
}

// full reads the version and the flags of a full box (ISO/IEC 14496-12, 4.2.2).
func (f *fields) full() (version byte, flags uint32) {
	v := f.u32()
	return byte(v >> 24), v & 0xffffff
}

func (f *fields) skip(n int) {
	if n < 0 || n > len(f.box.body)-f.at {
		f.short = true
		return
	}
	f.at += n
}

func (f *fields) rest() []byte { return f.box.body[f.at:] }

// err says that the box was too short for its fields, if it was.
func (f *fields) err() error {
	if !f.short {
		return nil
	}
	return f.box.damaged("is too short: it has only %d bytes", len(f.box.body))
}
