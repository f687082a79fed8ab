package hevc

import "github.com/lilo-live/lilo/internal/media"

// Picture says how a sample depends on others, by the type of its first slice
// (ISO/IEC 23008-2, table 7-1): IDR is a Refresh, CRA and BLA are an
// OpenRefresh, RADL is DecodableLeading, and all else Dependent, RASL included.
func (c *Coding) Picture(sample []byte) (media.Picture, error) {
	u := c.Units(sample)
	for u.Next() {
		if t := unitType(u.Unit()); t <= typeLastVCL && layer(u.Unit()) == 0 {
			return picture(t), nil
		}
	}
	return media.Dependent, nil
}

// Peek is Picture of the first bytes of a sample, up to its first slice.
func (c *Coding) Peek(head []byte) (media.Picture, bool) {
	for u := c.Head(head); u.Next(); {
		if t := unitType(u.Unit()); t <= typeLastVCL && layer(u.Unit()) == 0 {
			return picture(t), true
		}
	}
	return media.Dependent, false
}

func picture(unitType int) media.Picture {
	switch {
	case unitType == typeIDRWRADL, unitType == typeIDRNLP:
		return media.Refresh
	case unitType >= typeBLAWLP && unitType <= typeBLANLP, unitType == typeCRA:
		return media.OpenRefresh
	case unitType == typeRADLN, unitType == typeRADLR:
		return media.DecodableLeading
	}
	return media.Dependent
}

// BrokenLink reports whether the RASL pictures of a sample cannot be decoded: it is a BLA
// picture, or a CRA picture after an end of sequence (ISO/IEC 23008-2, 8.1.3).
func (c *Coding) BrokenLink(before, sample []byte) bool {
	first := func(sample []byte, from, to int) int {
		for u := c.Units(sample); u.Next(); {
			if t := unitType(u.Unit()); t >= from && t <= to && layer(u.Unit()) == 0 {
				return t
			}
		}
		return -1
	}
	t := first(sample, 0, typeLastVCL)
	return t >= typeBLAWLP && t <= typeBLANLP || t == typeCRA && first(before, typeEndSeq, typeEndStream) >= 0
}
