package nal

import "fmt"

// Format says how the NAL units of a sample are delimited.
type Format struct {
	// LengthSize is the number of bytes of the length before every unit, 1 to 4
	// (lengthSizeMinusOne + 1 of ISO/IEC 14496-15 5.3.3.1 and 8.3.3.1).
	LengthSize int
	// HeaderSize is the number of bytes of a unit's header: 1 in H.264, 2 in HEVC.
	HeaderSize int
}

// Count returns how many NAL units a sample holds.
func (f Format) Count(sample []byte) (int, error) {
	u := f.Units(sample)
	for u.Next() {
	}
	return u.number, u.err
}

// Units returns an iterator over the NAL units of a sample:
//
//	for u := f.Units(sample); u.Next(); {
//		use(u.Unit())
//	}
//
// Err then returns whether it reached the end.
func (f Format) Units(sample []byte) Units {
	u := Units{format: f, sample: sample}
	if f.LengthSize < 1 || f.LengthSize > 4 {
		u.err = fmt.Errorf("NAL units have lengths of %d bytes, wanted 1 to 4", f.LengthSize)
	}
	return u
}

// Head is Units of a sample whose first bytes are head. Its last unit may be cut off.
func (f Format) Head(head []byte) Units {
	u := f.Units(head)
	u.head = true
	return u
}

// Units iterates over the NAL units of a sample.
type Units struct {
	format Format
	sample []byte
	head   bool // the last unit may be cut off
	at     int  // after the current unit
	unit   []byte
	number int // of the current unit, from 1
	err    error
}

// Next goes to the next unit. It returns false at the end and where the sample is damaged.
func (u *Units) Next() bool {
	if u.err != nil || u.at == len(u.sample) {
		return false
	}
	from := u.at + u.format.LengthSize
	left := len(u.sample) - from
	if left < 0 {
		u.err = fmt.Errorf("NAL unit %d at byte %d has %d bytes left for its length, which takes %d",
			u.number+1, u.at, len(u.sample)-u.at, u.format.LengthSize)
		return false
	}
	n := 0
	for _, b := range u.sample[u.at:from] {
		n = n<<8 | int(b)
	}
	if u.head {
		n = min(n, left)
	}
	switch {
	case n > left:
		u.err = fmt.Errorf("NAL unit %d at byte %d claims %d bytes, %d are left", u.number+1, u.at, n, left)
	case n < u.format.HeaderSize:
		u.err = fmt.Errorf("NAL unit %d at byte %d has %d bytes, its header alone takes %d",
			u.number+1, u.at, n, u.format.HeaderSize)
	default:
		u.number++
		u.at = from + n
		u.unit = u.sample[from:u.at]
	}
	return u.err == nil
}

// Unit returns the current unit with its header, without its length.
func (u *Units) Unit() []byte { return u.unit }

// Err returns the error that stopped Next, nil at the end of the sample.
func (u *Units) Err() error { return u.err }
