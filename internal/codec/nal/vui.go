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

// SkipVideoFormat skips the fields with which the video usability information of
// both codings begins: from aspect_ratio_info_present_flag up to the chroma sample
// locations (ISO/IEC 14496-10, E.1.1; 23008-2, E.2.1).
func SkipVideoFormat(b *BitReader) {
	const extendedSAR = 255
	if b.Flag() && b.Read(8) == extendedSAR {
		b.Skip(32) // sar_width, sar_height
	}
	if b.Flag() {
		b.Flag() // overscan_appropriate_flag
	}
	if b.Flag() {
		b.Skip(4) // video_format, video_full_range_flag
		if b.Flag() {
			b.Skip(24) // colour_description
		}
	}
	if b.Flag() {
		b.SkipUE(2) // chroma_sample_loc_type_top_field and _bottom_field
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
