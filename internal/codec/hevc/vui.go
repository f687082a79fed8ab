package hevc

import "github.com/lilo-live/lilo/internal/codec/nal"

// readVUI reads video usability information up to the parameters of the
// hypothetical reference decoder (ISO/IEC 23008-2 E.2.1).
func readVUI(b *nal.Bits, layers uint32) hrd {
	skipDisplay(b)
	if !b.Flag() {
		return hrd{}
	}
	b.Skip(64) // vui_num_units_in_tick, vui_time_scale
	if b.Flag() {
		b.Golomb() // vui_num_ticks_poc_diff_one_minus1
	}
	if !b.Flag() {
		return hrd{}
	}
	return readHRD(b, layers)
}

// skipDisplay passes over aspect_ratio_info_present_flag up to the default
// display window.
func skipDisplay(b *nal.Bits) {
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
	b.Skip(3) // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
	if b.Flag() {
		for range 4 {
			b.Golomb() // The default display window's offsets.
		}
	}
}

// readHRD reads hrd_parameters with its common part (E.2.2). What counts is
// the schedule for NAL units of the highest sub-layer.
func readHRD(b *nal.Bits, layers uint32) hrd {
	forNAL, forVCL := b.Flag(), b.Flag()
	if !forNAL {
		return hrd{}
	}
	parts := b.Flag() // sub_pic_hrd_params_present_flag
	if parts {
		b.Skip(19)
	}
	scale := scales{rate: b.Read(4), size: b.Read(4), parts: parts}
	if parts {
		b.Skip(4) // cpb_size_du_scale
	}
	b.Skip(15) // Lengths of fields of SEI messages.
	var top hrd
	for range layers {
		schedules := readSchedules(b)
		top = scale.read(b, schedules)
		if forVCL {
			scale.read(b, schedules)
		}
	}
	if b.Short() {
		return hrd{}
	}
	return top
}

// readSchedules reads a sub-layer's flags up to cpb_cnt_minus1 and returns how
// many schedules follow, 1 to 32 (E.3.2); the payload ends for more.
func readSchedules(b *nal.Bits) uint32 {
	const maxSchedules = 32
	fixed := b.Flag()
	fixed = fixed || b.Flag()
	lowDelay := false
	if fixed {
		b.Golomb() // elemental_duration_in_tc_minus1
	} else {
		lowDelay = b.Flag()
	}
	if lowDelay {
		return 1
	}
	n := b.Golomb() + 1
	if n > maxSchedules {
		b.Skip(8 * uint(b.Rest()+16))
		return 1
	}
	return n
}

// scales is what the schedules of an HRD have in common.
type scales struct {
	rate, size uint32
	parts      bool // each has fields for sub-pictures too
}

// read reads sub_layer_hrd_parameters (E.2.3) and returns the last schedule of n.
func (s scales) read(b *nal.Bits, n uint32) hrd {
	var last hrd
	for range n {
		last.bitRate = (int64(b.Golomb()) + 1) << (6 + s.rate)
		last.cpbSize = (int64(b.Golomb()) + 1) << (4 + s.size)
		if s.parts {
			b.Golomb() // cpb_size_du_value_minus1
			b.Golomb() // bit_rate_du_value_minus1
		}
		b.Flag() // cbr_flag
	}
	return last
}
