package hevc

import "github.com/lilo-live/lilo/internal/codec/nal"

// readVUI reads video usability information, from behind the video format up to the
// parameters of the hypothetical reference decoder (ISO/IEC 23008-2 E.2.1).
func (s *sps) readVUI(b *nal.BitReader, layers uint32) nal.Schedule {
	b.Skip(3) // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
	if b.Flag() {
		b.SkipUE(4) // the default display window's offsets
	}
	if !b.Flag() {
		return nal.Schedule{}
	}
	t := nal.Timing{Units: b.Read(32), Scale: b.Read(32)}
	if !b.Short() {
		s.timing = t
	}
	if b.Flag() {
		b.UE() // vui_num_ticks_poc_diff_one_minus1
	}
	if !b.Flag() {
		return nal.Schedule{}
	}
	return readHRD(b, layers)
}

// readHRD reads hrd_parameters with its common part (E.2.2) and returns the
// schedule for NAL units of the highest sub-layer.
func readHRD(b *nal.BitReader, layers uint32) nal.Schedule {
	forNAL, forVCL := b.Flag(), b.Flag()
	if !forNAL {
		return nal.Schedule{}
	}
	subPictures := b.Flag() // sub_pic_hrd_params_present_flag
	if subPictures {
		b.Skip(19)
	}
	rateScale, sizeScale := b.Read(4), b.Read(4)
	if subPictures {
		b.Skip(4) // cpb_size_du_scale
	}
	b.Skip(15) // Lengths of fields of SEI messages.
	var top nal.Schedule
	for range layers {
		schedules := readSchedules(b)
		top = nal.ReadSchedules(b, schedules, rateScale, sizeScale, subPictures)
		if forVCL {
			nal.ReadSchedules(b, schedules, rateScale, sizeScale, subPictures)
		}
	}
	if b.Short() {
		return nal.Schedule{}
	}
	return top
}

// readSchedules reads a sub-layer's flags up to cpb_cnt_minus1 and returns how
// many schedules follow, 1 to 32 (E.3.2); the payload ends for more.
func readSchedules(b *nal.BitReader) uint32 {
	fixed := b.Flag()
	fixed = fixed || b.Flag()
	lowDelay := false
	if fixed {
		b.UE() // elemental_duration_in_tc_minus1
	} else {
		lowDelay = b.Flag()
	}
	if lowDelay {
		return 1
	}
	n := b.UE() + 1
	if n > nal.MaxSchedules {
		b.Skip(8 * uint(b.Rest()+16))
		return 1
	}
	return n
}
