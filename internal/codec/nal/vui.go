package nal

import "github.com/lilo-live/lilo/internal/media"

// Schedule is a delivery schedule of the hypothetical reference decoder.
type Schedule struct {
	BitRate int64 // bit/s
	CPBSize int64 // bits, 0 where there is no schedule
}

// Plausible reports whether there is a schedule that a decoder of a transport
// stream can keep: see media.MinBitRate. Encoders that do not use theirs leave
// absurd ones.
func (s Schedule) Plausible() bool {
	return s.BitRate >= int64(media.MinBitRate) && s.CPBSize >= media.MinBuffer*8
}

// ReadVideoFormat reads the fields with which the video usability information of
// both codings begins: from aspect_ratio_info_present_flag up to the chroma sample
// locations (ISO/IEC 14496-10, E.1.1; 23008-2, E.2.1).
func ReadVideoFormat(b *BitReader) (d media.Display) {
	if b.Flag() {
		d.PixelAspect = readAspect(b)
	}
	if b.Flag() {
		b.Flag() // overscan_appropriate_flag
	}
	if b.Flag() {
		b.Skip(3) // video_format
		d.Color.FullRange = b.Flag()
		if b.Flag() {
			d.Color.Primaries, d.Color.Transfer, d.Color.Matrix = uint16(b.Read(8)), uint16(b.Read(8)), uint16(b.Read(8))
		}
	}
	if b.Flag() {
		b.SkipUE(2) // chroma_sample_loc_type_top_field and _bottom_field
	}
	return d
}

// readAspect reads aspect_ratio_idc (table E-1) and what follows it.
func readAspect(b *BitReader) media.Aspect {
	const extended = 255
	table := [...]media.Aspect{
		{},
		{Width: 1, Height: 1},
		{Width: 12, Height: 11},
		{Width: 10, Height: 11},
		{Width: 16, Height: 11},
		{Width: 40, Height: 33},
		{Width: 24, Height: 11},
		{Width: 20, Height: 11},
		{Width: 32, Height: 11},
		{Width: 80, Height: 33},
		{Width: 18, Height: 11},
		{Width: 15, Height: 11},
		{Width: 64, Height: 33},
		{Width: 160, Height: 99},
		{Width: 4, Height: 3},
		{Width: 3, Height: 2},
		{Width: 2, Height: 1},
	}
	switch idc := b.Read(8); {
	case idc == extended:
		return media.Aspect{Width: b.Read(16), Height: b.Read(16)}
	case idc < uint32(len(table)):
		return table[idc]
	default:
		return media.Aspect{}
	}
}

// MaxSchedules is the most schedules of an HRD: cpb_cnt_minus1 is at most 31
// (ISO/IEC 14496-10, E.2.2; 23008-2, E.3.2).
const MaxSchedules = 32

// ReadSchedules reads n schedules and returns the last one, which counts for the
// T-STD: SchedSelIdx = cpb_cnt_minus1 (ISO/IEC 13818-1, 2.14.3.1). subPictures says
// that each has fields for sub-pictures too (HEVC).
func ReadSchedules(b *BitReader, n, rateScale, sizeScale uint32, subPictures bool) Schedule {
	var last Schedule
	for range n {
		last.BitRate = (int64(b.UE()) + 1) << (6 + rateScale)
		last.CPBSize = (int64(b.UE()) + 1) << (4 + sizeScale)
		if subPictures {
			b.SkipUE(2) // cpb_size_du_value_minus1, bit_rate_du_value_minus1
		}
		b.Flag() // cbr_flag
	}
	return last
}

// maxSide bounds the width and height of a picture in luma samples. Level 6.2
// ends below 16,900 (ISO/IEC 14496-10, A.3.1; 23008-2, A.4.1).
const maxSide = 1 << 16

// ReadCropping reads a cropping rectangle or conformance window, with its flag,
// and returns the cropped size in luma samples, 0×0 for a size out of bounds.
// chroma is ChromaArrayType, fields the number of fields in a coded row.
func ReadCropping(b *BitReader, width, height int64, chroma uint32, fields int64) (w, h int) {
	if b.Flag() {
		unitX, unitY := int64(1), fields
		if chroma == 1 || chroma == 2 {
			unitX = 2
		}
		if chroma == 1 {
			unitY *= 2
		}
		width -= unitX * (int64(b.UE()) + int64(b.UE()))
		height -= unitY * (int64(b.UE()) + int64(b.UE()))
	}
	if width > maxSide || height > maxSide || width <= 0 || height <= 0 {
		return 0, 0
	}
	return int(width), int(height)
}
