package mpeg2

import "github.com/lilo-live/lilo/internal/media"

// Picture says how a sample depends on others (ISO/IEC 13818-2, 6.3.8 and 6.3.9): an
// I-picture after a group of pictures header with closed_gop is a Refresh, another
// I-picture an OpenRefresh, and anything else Dependent.
func (c *Coding) Picture(sample []byte) (media.Picture, error) {
	const intra = 1 // picture_coding_type (table 6-12)
	h := findHeaders(sample)
	if h.picture < 0 || h.picture+startSize+2 > len(sample) {
		return media.Dependent, damaged("a sample of %d bytes has no picture header", len(sample))
	}
	if sample[h.picture+5]>>3&7 != intra {
		return media.Dependent, nil
	}
	// closed_gop follows 25 bits of time_code.
	if at := h.group + startSize + 3; h.group >= 0 && at < len(sample) && sample[at]&0x40 != 0 {
		return media.Refresh, nil
	}
	return media.OpenRefresh, nil
}
