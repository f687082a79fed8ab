package nal

import (
	"bytes"
	"fmt"

	"github.com/lilo-live/lilo/internal/media"
)

// Format says how the NAL units of a sample are delimited.
type Format struct {
	// LengthSize is the number of bytes of the length before every unit, 1 to 4
	// (lengthSizeMinusOne + 1 of ISO/IEC 14496-15 5.3.3.1 and 8.3.3.1).
	LengthSize int
	// HeaderSize is the number of bytes of a unit's header: 1 in H.264, 2 in HEVC.
	HeaderSize int
}

// Units returns an iterator over the NAL units of a sample:
//
//	for u := f.Units(sample); u.Next(); {
//		use(u.Unit())
//	}
//
// It is as forgiving as players are. It skips and counts units that no decoder can
// use, those that claim more bytes than there are among them. It splits a unit where
// a start code is in it, and a sample that is a byte stream (annex B) altogether.
func (f Format) Units(sample []byte) Units {
	u := Units{format: f, sample: sample}
	if beginsWithCode(sample) && !f.fits(sample) {
		u.end = len(sample)
	}
	return u
}

// Head is Units of a sample whose first bytes are head. Its last unit may be cut off.
func (f Format) Head(head []byte) Units {
	u := Units{format: f, sample: head, head: true}
	if beginsWithCode(head) && !f.fits(head) {
		u.end = len(head)
	}
	return u
}

// beginsWithCode reports whether a sample begins with a start code, if not with a length.
func beginsWithCode(sample []byte) bool {
	return bytes.HasPrefix(sample, []byte(startCode)) || bytes.HasPrefix(sample, []byte(startCode[1:]))
}

// fits reports whether a sample consists of units with lengths.
func (f Format) fits(sample []byte) bool {
	for at := 0; at < len(sample); {
		n, ok := f.length(sample[at:])
		if !ok || n < f.HeaderSize {
			return false
		}
		at += f.LengthSize + n
		if at > len(sample) {
			return false
		}
	}
	return true
}

// length reads the length at the start of b. ok is false where b is shorter.
func (f Format) length(b []byte) (n int, ok bool) {
	if len(b) < f.LengthSize {
		return 0, false
	}
	for _, v := range b[:f.LengthSize] {
		n = n<<8 | int(v)
	}
	return n, true
}

// Units iterates over the NAL units of a sample.
type Units struct {
	format Format
	sample []byte
	head   bool // the last unit may be cut off
	at     int  // after the current unit
	end    int  // of the length that the current unit is behind
	code   bool // a start code is before at
	start  int  // of the current unit with its length
	unit   []byte
	split  bool // a start code precedes the current unit, not a length
	number int  // of the current unit, from 1
	damage media.DamageError
}

// Next goes to the next unit that a decoder can use. It returns false at the end.
func (u *Units) Next() bool {
	for u.at < u.end || u.nextLength() {
		u.take()
		if len(u.unit) == 0 && (u.split || u.code) {
			continue // There is nothing before or behind a start code.
		}
		u.number++
		if u.usable() {
			return true
		}
	}
	return false
}

// nextLength goes behind the next length.
func (u *Units) nextLength() bool {
	if u.at == len(u.sample) {
		return false
	}
	u.start = u.at
	n, whole := u.format.length(u.sample[u.at:])
	from := u.at + u.format.LengthSize
	u.at, u.end, u.code = len(u.sample), len(u.sample), false
	if u.head && whole {
		n = min(n, len(u.sample)-from)
	}
	switch {
	case !whole:
		u.skip("ends within its length")
	case n > len(u.sample)-from:
		u.skip("claims %d bytes, %d are left", n, len(u.sample)-from)
	case n == 0 && len(bytes.TrimLeft(u.sample[from:], "\x00")) == 0:
		u.skip("has no bytes") // Zeros to the end: once is enough.
	default:
		u.at, u.end = from, from+n
		return true
	}
	return false
}

// take takes the unit at u.at, up to a start code or the end of its length. In a byte
// stream, zeros behind a unit do not belong to it (B.1).
func (u *Units) take() {
	rest := u.sample[u.at:u.end]
	u.split = u.code
	at := bytes.Index(rest, []byte(startCode[1:]))
	switch u.code = at >= 0; {
	case u.code:
		u.at += at + len(startCode) - 1
		rest = bytes.TrimRight(rest[:at], "\x00")
	case u.split:
		rest = bytes.TrimRight(rest, "\x00")
		fallthrough
	default:
		u.at = u.end
	}
	u.unit = rest
}

// usable reports whether a decoder can use the current unit, and skips it if not:
// its header is missing, or has forbidden values (ISO/IEC 14496-10, 7.4.1; 23008-2,
// 7.4.2.2).
func (u *Units) usable() bool {
	const forbiddenZeroBit = 0x80
	switch {
	case len(u.unit) == 0:
		u.skip("has no bytes")
	case len(u.unit) < u.format.HeaderSize:
		u.skip("has %d bytes, its header alone takes %d", len(u.unit), u.format.HeaderSize)
	case u.unit[0]&forbiddenZeroBit != 0, u.format.HeaderSize == 1 && u.unit[0] == 0, u.format.HeaderSize == 2 && u.unit[1]&7 == 0:
		u.skip("has a header that no unit has, %x", u.unit[:u.format.HeaderSize])
	default:
		return true
	}
	return false
}

// skip counts a unit that is skipped and remembers what is wrong with the first one.
func (u *Units) skip(format string, args ...any) {
	if u.damage.Units++; u.damage.Units == 1 {
		u.damage.Text = fmt.Sprintf("the NAL unit at byte %d of the sample "+format, append([]any{u.start}, args...)...)
	}
}

// Unit returns the current unit with its header, without its length.
func (u *Units) Unit() []byte { return u.unit }

// Damage returns what was skipped.
func (u *Units) Damage() media.DamageError { return u.damage }
