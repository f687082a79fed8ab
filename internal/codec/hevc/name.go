package hevc

import (
	"fmt"
	"math/bits"
)

// String names profile, level, tier and size: "Main 10@5.1 high tier 3840x2160".
func (s *sps) String() string {
	tier := ""
	if s.highTier {
		tier = " high tier"
	}
	return fmt.Sprintf("%s@%s%s %dx%d", s.profileName(), s.levelName(), tier, s.width, s.height)
}

func (s *sps) levelName() string {
	tenths := s.level / 3 // general_level_idc is 30 times the level (A.4.1).
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// profileName names a profile as ISO/IEC 23008-2 A.3 does. A stream without a
// profile of its own has that of its first compatibility flag.
func (s *sps) profileName() string {
	profile := s.profile
	for i := uint32(1); profile == 0 && i < 32; i++ {
		if s.compatible>>(31-i)&1 == 1 {
			profile = i
		}
	}
	names := [...]string{
		1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext", 5: "High Throughput", 6: "Multiview Main",
		7: "Scalable Main", 8: "3D Main", 9: "Screen-Extended", 10: "Scalable Rext", 11: "High Throughput Screen-Extended",
	}
	if profile == 4 {
		return s.rangeName()
	}
	if profile == 0 || int(profile) >= len(names) {
		return fmt.Sprintf("profile %d", profile)
	}
	return names[profile]
}

// rangeName names a profile of the format range extensions (A.3.5) by what it is for.
func (s *sps) rangeName() string {
	chroma := [...]string{"Monochrome", "Main", "Main 4:2:2", "Main 4:4:4"}[min(s.chroma, 3)]
	if s.depth == 8 {
		return chroma
	}
	return fmt.Sprintf("%s %d", chroma, s.depth)
}

// codec is profile, tier and level as a CODECS parameter has them (ISO/IEC
// 14496-15, annex E.3): the profile with its space, the compatibility flags with
// the first one lowest, tier and level, and the bytes of constraint flags up to
// the last one that is not zero.
func (s *sps) codec() string {
	tier := "L"
	if s.highTier {
		tier = "H"
	}
	space := [...]string{"", "A", "B", "C"}[s.space&3]
	name := fmt.Appendf(nil, "%s%d.%X.%s%d", space, s.profile, bits.Reverse32(s.compatible), tier, s.level)
	for flags := s.constraints << 16; flags != 0; flags <<= 8 {
		name = fmt.Appendf(name, ".%X", flags>>56)
	}
	return string(name)
}
