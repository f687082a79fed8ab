package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
)

// sps is what a sequence parameter set says that concerns us (ISO/IEC 23008-2 7.3.2.2.1).
type sps struct {
	space         uint32 // general_profile_space
	profile       uint32 // general_profile_idc
	compatible    uint32 // general_profile_compatibility_flags, flag 0 in bit 31
	constraints   uint64 // the 48 flags behind them, the first one in bit 47
	highTier      bool   // general_tier_flag
	level         uint32 // general_level_idc, 30 times the level
	chroma        uint32 // chroma_format_idc
	depth         uint32 // the larger bit depth
	width, height int    // luma samples, cropped
	hrd           hrd    // for the NAL units, zero when there is none
}

// hrd is a schedule of the hypothetical reference decoder.
type hrd struct {
	bitRate int64 // BitRate, bit/s
	cpbSize int64 // CpbSize, bits
}

// maxSide bounds the width and height of a picture in luma samples. Level 6.2
// ends at 16 888 (A.4.1), and nothing larger is anything but damage.
const maxSide = 1 << 16

// parseSPS reads a sequence parameter set with its header. Damage behind the
// picture's size costs only what lies there.
func parseSPS(unit []byte) (sps, error) {
	b := nal.NewBits(unit[headerSize:])
	var s sps
	b.Skip(4) // sps_video_parameter_set_id
	layers := b.Read(3) + 1
	b.Flag() // sps_temporal_id_nesting_flag
	s.readProfile(&b)
	skipLayerLevels(&b, layers)
	b.Golomb() // sps_seq_parameter_set_id
	s.readSize(&b)
	if b.Short() || s.width <= 0 || s.height <= 0 {
		return s, fault.New(fault.Media, "HEVC: the sequence parameter set is damaged (%d bytes, picture of %dx%d): get the file again or encode it (--encode)",
			len(unit), s.width, s.height)
	}
	s.depth = 8 + max(b.Golomb(), b.Golomb())
	if skipTools(&b, layers) {
		s.hrd = readVUI(&b, layers)
	}
	return s, nil
}

// skipToSetID passes over everything before sps_seq_parameter_set_id.
func skipToSetID(b *nal.Bits) {
	b.Skip(4)
	layers := b.Read(3) + 1
	b.Flag()
	b.Skip(96) // The general part of profile_tier_level, level included.
	skipLayerLevels(b, layers)
}

// readProfile reads the general part of profile_tier_level (7.3.3).
func (s *sps) readProfile(b *nal.Bits) {
	s.space = b.Read(2)
	s.highTier = b.Flag()
	s.profile = b.Read(5)
	s.compatible = b.Read(32)
	s.constraints = uint64(b.Read(24))<<24 | uint64(b.Read(24))
	s.level = b.Read(8)
}

// skipLayerLevels passes over the part of profile_tier_level for sub-layers.
func skipLayerLevels(b *nal.Bits, layers uint32) {
	if layers == 1 {
		return
	}
	present := b.Read(16) // Two bits for each of 8: a profile, a level.
	for i := range layers - 1 {
		if present>>(15-2*i)&1 == 1 {
			b.Skip(88)
		}
		if present>>(14-2*i)&1 == 1 {
			b.Skip(8)
		}
	}
}

// readSize reads chroma_format_idc up to the conformance window. A size out of
// bounds becomes 0.
func (s *sps) readSize(b *nal.Bits) {
	s.chroma = b.Golomb()
	if s.chroma == 3 {
		b.Flag() // separate_colour_plane_flag
	}
	width, height := int64(b.Golomb()), int64(b.Golomb())
	if b.Flag() {
		unitX, unitY := s.cropUnits()
		width -= unitX * (int64(b.Golomb()) + int64(b.Golomb()))
		height -= unitY * (int64(b.Golomb()) + int64(b.Golomb()))
	}
	if width <= maxSide && height <= maxSide {
		s.width, s.height = int(width), int(height)
	}
}

// cropUnits returns SubWidthC and SubHeightC (table 6-1) in luma samples.
func (s *sps) cropUnits() (x, y int64) {
	switch s.chroma {
	case 1:
		return 2, 2
	case 2:
		return 2, 1
	}
	return 1, 1
}
