package avc

import "fmt"

// String names profile, level and size: "High@4.0 1920x1080".
func (s *sps) String() string {
	level := fmt.Sprintf("%d.%d", s.level/10, s.level%10)
	if s.level1b() {
		level = "1b"
	}
	return fmt.Sprintf("%s@%s %dx%d", s.profileName(), level, s.width, s.height)
}

// profileName names a profile as ISO/IEC 14496-10, A.2 does.
func (s *sps) profileName() string {
	names := map[uint32]string{
		66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2",
		244: "High 4:4:4 Predictive", 44: "CAVLC 4:4:4 Intra", 118: "Multiview High", 128: "Stereo High",
	}
	name, known := names[s.profile]
	switch {
	case !known:
		return fmt.Sprintf("profile %d", s.profile)
	case s.profile == 66 && s.constraint(1):
		return "Constrained Baseline"
	case (s.profile == 110 || s.profile == 122 || s.profile == 244) && s.constraint(3): // A.2.8 to A.2.10
		return name + " Intra"
	}
	return name
}
