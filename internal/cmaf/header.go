package cmaf

import "encoding/binary"

// trackID is the number of the one track.
const trackID = 1

// Header returns the CMAF header: ftyp, and moov with the track and no samples.
func (t *Track) Header() []byte {
	b := box(nil, "ftyp", func(b []byte) []byte { return append(b, "iso6\x00\x00\x00\x00iso6cmfcdash"...) })
	return box(b, "moov", func(b []byte) []byte {
		b = box(b, "mvhd", movieHeader)
		b = box(b, "trak", t.trak)
		return box(b, "mvex", func(b []byte) []byte {
			return box(b, "trex", func(b []byte) []byte {
				return words(b, 0, trackID, 1, 0, 0, 0)
			})
		})
	})
}

// words appends 32-bit words.
func words(b []byte, all ...uint32) []byte {
	for _, w := range all {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// matrix is that of a picture as it is (ISO/IEC 14496-12, 6.2.2).
func matrix(b []byte) []byte { return words(b, 1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30) }

// movieHeader is the body of mvhd (8.2.2): milliseconds, no duration.
func movieHeader(b []byte) []byte {
	b = words(b, 0, 0, 0, 1000, 0, 1<<16, 1<<24, 0, 0)
	return words(matrix(b), 0, 0, 0, 0, 0, 0, trackID+1)
}

// trak is the body of trak (8.3.1).
func (t *Track) trak(b []byte) []byte {
	b = box(b, "tkhd", t.trackHeader)
	return box(b, "mdia", func(b []byte) []byte {
		b = box(b, "mdhd", t.mediaHeader)
		b = box(b, "hdlr", t.handler)
		return box(b, "minf", t.information)
	})
}

// trackHeader is the body of tkhd (8.3.2): enabled, in the movie.
func (t *Track) trackHeader(b []byte) []byte {
	const enabledInMovie = 3
	b = words(b, enabledInMovie, 0, 0, trackID, 0, 0, 0, 0)
	if t.sound != nil {
		return words(matrix(words(b, 0, 1<<24)), 0, 0)
	}
	width, height := t.track.Video().Size()
	return words(matrix(words(b, 0, 0)), uint32(width)<<16, uint32(height)<<16)
}

// mediaHeader is the body of mdhd (8.4.2), with the language in three times five bits.
func (t *Track) mediaHeader(b []byte) []byte {
	language := t.track.Language
	if len(language) != 3 {
		language = "und"
	}
	packed := uint32(0)
	for i := range 3 {
		packed = packed<<5 | uint32(language[i]-0x60)&0x1f
	}
	return words(b, 0, 0, 0, uint32(t.scale), 0, packed<<16)
}

// handler is the body of hdlr (8.4.3).
func (t *Track) handler(b []byte) []byte {
	kind := "vide"
	if t.sound != nil {
		kind = "soun"
	}
	b = append(words(b, 0, 0), kind...)
	return append(words(b, 0, 0, 0), "LILO\x00"...)
}

// information is the body of minf (8.4.4): the sample entry, and tables without samples.
func (t *Track) information(b []byte) []byte {
	if t.sound == nil {
		b = box(b, "vmhd", func(b []byte) []byte { return words(b, 1, 0, 0) })
	} else {
		b = box(b, "smhd", func(b []byte) []byte { return words(b, 0, 0) })
	}
	b = box(b, "dinf", func(b []byte) []byte {
		return box(b, "dref", func(b []byte) []byte {
			return box(words(b, 0, 1), "url ", func(b []byte) []byte { return words(b, 1) })
		})
	})
	return box(b, "stbl", func(b []byte) []byte {
		b = box(b, "stsd", func(b []byte) []byte { return append(words(b, 0, 1), t.entry...) })
		for _, kind := range []string{"stts", "stsc", "stco"} {
			b = box(b, kind, func(b []byte) []byte { return words(b, 0, 0) })
		}
		return box(b, "stsz", func(b []byte) []byte { return words(b, 0, 0, 0) })
	})
}
