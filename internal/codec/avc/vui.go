package avc

import "github.com/lilo-live/lilo/internal/codec/nal"

// readVUI reads video usability information up to the parameters of the
// hypothetical reference decoder for NAL units (ISO/IEC 14496-10 E.1.1).
func readVUI(b *nal.Bits) hrd {
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
		b.Golomb() // chroma_sample_loc_type_top_field
		b.Golomb() // chroma_sample_loc_type_bottom_field
	}
	if b.Flag() {
		b.Skip(65) // num_units_in_tick, time_scale, fixed_frame_rate_flag
	}
	if b.Flag() {
		return readHRD(b)
	}
	return hrd{}
}

// readHRD reads hrd_parameters (E.1.2). The schedule that counts for the T-STD
// is the last one, SchedSelIdx = cpb_cnt_minus1 (ISO/IEC 13818-1 2.14.3.1).
func readHRD(b *nal.Bits) hrd {
	const maxSchedules = 32 // cpb_cnt_minus1 is 31 at the most (E.2.2).
	n := b.Golomb() + 1
	rateScale, sizeScale := b.Read(4), b.Read(4)
	if n > maxSchedules {
		return hrd{}
	}
	var last hrd
	for ; n > 0; n-- {
		last.bitRate = (int64(b.Golomb()) + 1) << (6 + rateScale) // (E-71)
		last.cpbSize = (int64(b.Golomb()) + 1) << (4 + sizeScale) // (E-72)
		b.Flag()                                                  // cbr_flag
	}
	if b.Short() {
		return hrd{}
	}
	return last
}
