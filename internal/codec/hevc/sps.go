package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sps holds the fields of a sequence parameter set that matter here (ISO/IEC
// 23008-2, 7.3.2.2.1).
type sps struct {
	space         uint32       // general_profile_space
	profile       uint32       // general_profile_idc
	compatible    uint32       // general_profile_compatibility_flags, flag 0 in bit 31
	constraints   uint64       // the 48 flags after them, the first one in bit 47
	highTier      bool         // general_tier_flag
	level         uint32       // general_level_idc, 30 times the level
	chroma        uint32       // chroma_format_idc
	depth         uint32       // the larger bit depth
	width, height int          // luma samples, cropped
	hrd           nal.Schedule // for the NAL units
	display       media.Display
	timing        nal.Timing
}

// parseSPS parses a sequence parameter set with its header. Damage after the
// picture's size costs only what is there.
func parseSPS(unit []byte) (sps, error) {
	b := nal.NewBitReader(unit[headerSize:])
	var s sps
	layers, _ := s.readHead(&b)
	s.readSize(&b)
	if b.Short() || s.width == 0 {
		return s, fault.New(fault.Media, "HEVC: the sequence parameter set is damaged (%d bytes, picture of %dx%d): get the file again or encode it (--encode avc)",
			len(unit), s.width, s.height)
	}
	s.depth = 8 + max(b.UE(), b.UE())
	if skipTools(&b, layers) {
		s.display = nal.ReadVideoFormat(&b)
		s.hrd = s.readVUI(&b, layers)
	}
	return s, nil
}

// readHead reads the general part of profile_tier_level (7.3.3) and what surrounds
// it, and returns the number of sub-layers and sps_seq_parameter_set_id.
func (s *sps) readHead(b *nal.BitReader) (layers, id uint32) {
	b.Skip(4) // sps_video_parameter_set_id
	layers = b.Read(3) + 1
	b.Flag() // sps_temporal_id_nesting_flag
	s.space = b.Read(2)
	s.highTier = b.Flag()
	s.profile = b.Read(5)
	s.compatible = b.Read(32)
	s.constraints = uint64(b.Read(24))<<24 | uint64(b.Read(24))
	s.level = b.Read(8)
	skipLayerLevels(b, layers)
	return layers, b.UE()
}

// skipLayerLevels skips the part of profile_tier_level for sub-layers.
func skipLayerLevels(b *nal.BitReader, layers uint32) {
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

// readSize reads chroma_format_idc to the conformance window.
func (s *sps) readSize(b *nal.BitReader) {
	s.chroma = b.UE()
	if s.chroma == 3 {
		b.Flag() // separate_colour_plane_flag
	}
	width, height := int64(b.UE()), int64(b.UE())
	s.width, s.height = nal.ReadCropping(b, width, height, s.chroma, 1)
}
