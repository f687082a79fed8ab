package mp4

import "encoding/binary"

// fieldReader reads the fields of a box in order. After the end of the box it
// returns zeros and remembers that, so that one check of err is enough.
type fieldReader struct {
	box   box
	at    int
	short bool
}

// next returns the next n bytes, or 8 zeros if there are fewer.
func (f *fieldReader) next(n int) []byte {
	if n < 0 || n > len(f.box.body)-f.at {
		f.short = true
		return make([]byte, 8)
	}
	f.at += n
	return f.box.body[f.at-n : f.at]
}

func (f *fieldReader) u8() byte     { return f.next(1)[0] }
func (f *fieldReader) u16() uint16  { return binary.BigEndian.Uint16(f.next(2)) }
func (f *fieldReader) u32() uint32  { return binary.BigEndian.Uint32(f.next(4)) }
func (f *fieldReader) u64() uint64  { return binary.BigEndian.Uint64(f.next(8)) }
func (f *fieldReader) skip(n int)   { f.next(n) }
func (f *fieldReader) rest() []byte { return f.box.body[f.at:] }

// versioned reads a field of 32 bits in version 0 of a box and 64 bits in later versions.
func (f *fieldReader) versioned(version byte) uint64 {
	if version == 0 {
		return uint64(f.u32())
	}
	return f.u64()
}

// versionAndFlags reads the header of a full box (ISO/IEC 14496-12, 4.2.2).
func (f *fieldReader) versionAndFlags() (version byte, flags uint32) {
	v := f.u32()
	return byte(v >> 24), v & 0xffffff
}

// times reads versionAndFlags and skips creation_time and modification_time.
func (f *fieldReader) times() (version byte, flags uint32) {
	version, flags = f.versionAndFlags()
	f.versioned(version)
	f.versioned(version)
	return version, flags
}

// optional reads a field of 32 bits that exists only if flag is not 0.
func (f *fieldReader) optional(flag uint32, v *uint32) {
	if flag != 0 {
		*v = f.u32()
	}
}

// err returns an error if the box was too short for its fields.
func (f *fieldReader) err() error {
	if !f.short {
		return nil
	}
	return f.box.damaged("is too short: it has only %d bytes", len(f.box.body))
}
