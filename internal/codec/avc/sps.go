package avc

import (
	"slices"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sps holds the fields of a sequence parameter set that matter here (ISO/IEC
// 14496-10, 7.3.2.1.1).
type sps struct {
	profile       uint32       // profile_idc
	constraints   uint32       // constraint_set0_flag to 5, the first one in bit 7
	level         uint32       // level_idc, 10 times the level
	width, height int          // luma samples, cropped
	hrd           nal.Schedule // for the NAL units (type II)
	display       media.Display
	order         order
	timing        timing
}

// timing holds the fields of video usability information on which the picture timing
// message depends (D.1.3).
type timing struct {
	nal.Timing
	delays                  bool // CpbDpbDelaysPresentFlag
	removalBits, outputBits uint // lengths of cpb_removal_delay and dpb_output_delay
	offsetBits              uint // time_offset_length
	picStruct               bool // pic_struct_present_flag
}

// order holds the fields of a sequence parameter set that a slice header depends on (7.3.3).
type order struct {
	separatePlanes  bool   // separate_colour_plane_flag
	chroma          bool   // ChromaArrayType is not 0
	frameBits       uint   // length of frame_num
	orderType       uint32 // pic_order_cnt_type
	orderBits       uint   // length of pic_order_cnt_lsb
	deltaAlwaysZero bool   // delta_pic_order_always_zero_flag
	framesOnly      bool   // frame_mbs_only_flag
}

// parseSPS parses a sequence parameter set with its header. Damage after the
// picture's size costs only what is there.
func parseSPS(unit []byte) (sps, error) {
	b := nal.NewBitReader(unit[1:])
	s := sps{profile: b.Read(8), constraints: b.Read(8), level: b.Read(8)}
	b.UE() // seq_parameter_set_id
	chroma := uint32(1)
	if slices.Contains([]uint32{100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}, s.profile) {
		chroma, s.order.separatePlanes = skipChroma(&b)
	}
	s.order.chroma = chroma != 0
	s.order.read(&b)
	s.readSize(&b, chroma)
	if b.Short() || s.width == 0 {
		return s, fault.New(fault.Media, "H.264: the sequence parameter set is damaged (%d bytes, picture of %dx%d): get the file again or encode it (--encode avc)",
			len(unit), s.width, s.height)
	}
	if b.Flag() {
		s.display = nal.ReadVideoFormat(&b)
		s.readTiming(&b)
	}
	return s, nil
}

// skipChroma skips chroma_format_idc to the scaling lists and returns
// ChromaArrayType (7.4.2.1.1), 0 to 3, and separate_colour_plane_flag.
func skipChroma(b *nal.BitReader) (chroma uint32, separate bool) {
	format := b.UE() & 3
	separate = format == 3 && b.Flag()
	b.SkipUE(2) // bit_depth_luma_minus8, bit_depth_chroma_minus8
	b.Flag()    // qpprime_y_zero_transform_bypass_flag
	if b.Flag() {
		skipScalingLists(b, format)
	}
	if separate {
		return 0, true
	}
	return format, false
}

// skipScalingLists skips the scaling lists (7.3.2.1.1.1): 6 of 16 entries, and 2
// or, for 4:4:4, 6 of 64.
func skipScalingLists(b *nal.BitReader, format uint32) {
	lists := 8
	if format == 3 {
		lists = 12
	}
	for i := range lists {
		if !b.Flag() {
			continue
		}
		size := 16
		if i >= 6 {
			size = 64
		}
		skipScalingList(b, size)
	}
}

// skipScalingList skips one list, which ends early where a step leads to 0.
func skipScalingList(b *nal.BitReader, size int) {
	last, next := int32(8), int32(8)
	for range size {
		if next != 0 {
			next = (last + signed(b.UE())) & 0xff
		}
		if next != 0 {
			last = next
		}
	}
}

// signed converts ue(v) to se(v) (9.1.1).
func signed(v uint32) int32 {
	if v&1 == 1 {
		return int32(v>>1) + 1
	}
	return -int32(v >> 1)
}

// read reads log2_max_frame_num_minus4 to gaps_in_frame_num_value_allowed_flag: how
// pictures are counted. Lengths are 4 to 16 bits (7.4.2.1.1).
func (o *order) read(b *nal.BitReader) {
	const longest = 16
	o.frameBits = min(uint(b.UE())+4, longest)
	o.orderType = b.UE()
	switch o.orderType {
	case 0:
		o.orderBits = min(uint(b.UE())+4, longest)
	case 1:
		o.deltaAlwaysZero = b.Flag()
		b.SkipUE(2)                  // offset_for_non_ref_pic, offset_for_top_to_bottom_field
		b.SkipUE(int(b.UE() & 0xff)) // offset_for_ref_frame
	}
	b.UE()   // max_num_ref_frames
	b.Flag() // gaps_in_frame_num_value_allowed_flag
}

// readSize reads pic_width_in_mbs_minus1 to the cropping rectangle.
func (s *sps) readSize(b *nal.BitReader, chroma uint32) {
	width := 16 * (int64(b.UE()) + 1)
	height := 16 * (int64(b.UE()) + 1)
	fields := int64(1)
	if s.order.framesOnly = b.Flag(); !s.order.framesOnly {
		fields = 2
		b.Flag() // mb_adaptive_frame_field_flag
	}
	b.Flag() // direct_8x8_inference_flag
	s.width, s.height = nal.ReadCropping(b, width, height*fields, chroma, fields)
}

// readTiming reads video usability information from the timing up to
// pic_struct_present_flag (E.1.1). Damage costs the schedule or the timing where it is.
func (s *sps) readTiming(b *nal.BitReader) {
	var t timing
	if b.Flag() {
		t.Units, t.Scale = b.Read(32), b.Read(32)
		b.Flag() // fixed_frame_rate_flag
	}
	forNAL := b.Flag()
	if forNAL {
		s.hrd = t.readHRD(b)
	}
	forVCL := b.Flag()
	if forVCL {
		t.readHRD(b)
	}
	if t.delays = forNAL || forVCL; t.delays {
		b.Flag() // low_delay_hrd_flag
	}
	if t.picStruct = b.Flag(); !b.Short() {
		s.timing = t
	}
}

// readHRD reads the parameters of a hypothetical reference decoder (E.1.2) and returns
// its schedule.
func (t *timing) readHRD(b *nal.BitReader) nal.Schedule {
	n := b.UE() + 1
	rateScale, sizeScale := b.Read(4), b.Read(4)
	if n > nal.MaxSchedules {
		b.Skip(8 * uint(b.Rest()+16))
		return nal.Schedule{}
	}
	last := nal.ReadSchedules(b, n, rateScale, sizeScale, false)
	if b.Short() {
		return nal.Schedule{}
	}
	b.Skip(5) // initial_cpb_removal_delay_length_minus1
	t.removalBits, t.outputBits = uint(b.Read(5))+1, uint(b.Read(5))+1
	t.offsetBits = uint(b.Read(5))
	return last
}
