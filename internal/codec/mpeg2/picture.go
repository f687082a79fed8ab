package mpeg2

import "github.com/lilo-live/lilo/internal/media"

// Picture says how a sample depends on others (ISO/IEC 13818-2, 6.3.8 and 6.3.9): an
// I-picture after a group of pictures header with closed_gop is a Refresh, and one after
// another such header or a sequence header an OpenRefresh. An I-picture without
// either is IntraOnly, and anything else Dependent.
func (c *Coding) Picture(sample []byte) (media.Picture, error) {
	p, ok := c.Peek(sample)
	if !ok {
		return p, damaged("a sample of %d bytes has no picture header", len(sample))
	}
	return p, nil
}

// Peek is Picture of the first bytes of a sample, up to its picture header.
func (c *Coding) Peek(head []byte) (media.Picture, bool) {
	const intra = 1 // picture_coding_type (table 6-12)
	h := findHeaders(head)
	switch {
	case h.picture < 0 || h.picture+startSize+2 > len(head):
		return media.Dependent, false
	case head[h.picture+5]>>3&7 != intra:
		return media.Dependent, true
	case h.sequence < 0 && h.group < 0:
		return media.IntraOnly, true
	}
	// closed_gop follows 25 bits of time_code.
	if at := h.group + startSize + 3; h.group >= 0 && at < len(head) && head[at]&0x40 != 0 {
		return media.Refresh, true
	}
	return media.OpenRefresh, true
}

// BrokenLink reports whether a sample has a group of pictures header with broken_link
// (6.3.8): the B-pictures that follow its first I-picture cannot be decoded.
func (c *Coding) BrokenLink(_, sample []byte) bool {
	h := findHeaders(sample)
	at := h.group + startSize + 3
	return h.group >= 0 && at < len(sample) && sample[at]&0x60 == 0x20
}
