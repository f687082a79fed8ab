package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
)

// sps is what a sequence parameter set says that concerns us (ISO/IEC 14496-10 7.3.2.1.1).
type sps struct {
	profile       uint32 // profile_idc
	constraints   uint32 // constraint_set0_flag to 5, the first one in bit 7
	level         uint32 // level_idc, 10 times the level
	width, height int    // luma samples, cropped
	hrd           hrd    // for the NAL units (type II), zero when there is none
}

// hrd is a schedule of the hypothetical reference decoder.
type hrd struct {
	bitRate int64 // BitRate, bit/s
	cpbSize int64 // CpbSize, bits
}

// maxSide bounds the width and height of a picture in luma samples. Level 6.2
// ends at 16 880 (A.3.1), and nothing larger is anything but damage.
const maxSide = 1 << 16

// parseSPS reads a sequence parameter set with its header. Damage behind the
// picture's size costs only what lies there.
func parseSPS(unit []byte) (sps, error) {
	b := nal.NewBits(unit[1:])
	s := sps{profile: b.Read(8), constraints: b.Read(8), level: b.Read(8)}
	b.Golomb() // seq_parameter_set_id
	chroma := uint32(1)
	if hasChroma(s.profile) {
		chroma = skipChroma(&b)
	}
	skipOrder(&b)
	s.readSize(&b, chroma)
	if b.Short() || s.width <= 0 || s.height <= 0 {
		return s, fault.New(fault.Media, "H.264: the sequence parameter set is damaged (%d bytes, picture of %dx%d): get the file again or encode it (--encode)",
			len(unit), s.width, s.height)
	}
	if b.Flag() {
		s.hrd = readVUI(&b)
	}
	return s, nil
}

// hasChroma reports whether a profile's parameter sets hold chroma_format_idc
// and what goes with it.
func hasChroma(profile uint32) bool {
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// skipChroma passes over chroma_format_idc up to the scaling lists and returns
// ChromaArrayType (7.4.2.1.1), 0 to 3.
func skipChroma(b *nal.Bits) uint32 {
	format := b.Golomb() & 3
	separate := format == 3 && b.Flag()
	b.Golomb() // bit_depth_luma_minus8
	b.Golomb() // bit_depth_chroma_minus8
	b.Flag()   // qpprime_y_zero_transform_bypass_flag
	if b.Flag() {
		skipScaling(b, format)
	}
	if separate {
		return 0
	}
	return format
}

// skipScaling passes over the scaling lists (7.3.2.1.1.1): 6 of 16 entries,
// and 2 or, for 4:4:4, 6 of 64.
func skipScaling(b *nal.Bits, format uint32) {
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
		skipList(b, size)
	}
}

// skipList passes over one list. It ends early where a step leads to 0.
func skipList(b *nal.Bits, size int) {
	last, next := int32(8), int32(8)
	for range size {
		if next != 0 {
			next = (last + signed(b.Golomb())) & 0xff
		}
		if next != 0 {
			last = next
		}
	}
}

// signed turns ue(v) into se(v) (9.1.1).
func signed(v uint32) int32 {
	if v&1 == 1 {
		return int32(v>>1) + 1
	}
	return -int32(v >> 1)
}

// skipOrder passes over log2_max_frame_num_minus4 up to
// gaps_in_frame_num_value_allowed_flag: how pictures are counted.
func skipOrder(b *nal.Bits) {
	b.Golomb() // log2_max_frame_num_minus4
	switch b.Golomb() {
	case 0:
		b.Golomb() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		b.Flag()   // delta_pic_order_always_zero_flag
		b.Golomb() // offset_for_non_ref_pic
		b.Golomb() // offset_for_top_to_bottom_field
		for n := b.Golomb() & 0xff; n > 0; n-- {
			b.Golomb() // offset_for_ref_frame
		}
	}
	b.Golomb() // max_num_ref_frames
	b.Flag()   // gaps_in_frame_num_value_allowed_flag
}

// readSize reads pic_width_in_mbs_minus1 up to the cropping rectangle. A size
// out of bounds becomes 0.
func (s *sps) readSize(b *nal.Bits, chroma uint32) {
	width := 16 * (int64(b.Golomb()) + 1)
	height := 16 * (int64(b.Golomb()) + 1)
	fields := int64(1)
	if !b.Flag() { // frame_mbs_only_flag
		fields = 2
		b.Flag() // mb_adaptive_frame_field_flag
	}
	height *= fields
	b.Flag() // direct_8x8_inference_flag
	if b.Flag() {
		unitX, unitY := cropUnits(chroma, fields)
		width -= unitX * (int64(b.Golomb()) + int64(b.Golomb()))
		height -= unitY * (int64(b.Golomb()) + int64(b.Golomb()))
	}
	if width <= maxSide && height <= maxSide {
		s.width, s.height = int(width), int(height)
	}
}

// cropUnits returns CropUnitX and CropUnitY (7-19 to 7-22) in luma samples.
func cropUnits(chroma uint32, fields int64) (x, y int64) {
	switch chroma {
	case 1:
		return 2, 2 * fields
	case 2:
		return 2, fields
	}
	return 1, fields
}
