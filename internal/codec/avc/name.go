package avc

import "fmt"

// String names profile, level and size: "High@4.0 1920x1080".
func (s *sps) String() string {
	return fmt.Sprintf("%s@%s %dx%d", s.profileName(), s.levelName(), s.width, s.height)
}

func (s *sps) levelName() string {
	if s.level1b() {
		return "1b"
	}
	return fmt.Sprintf("%d.%d", s.level/10, s.level%10)
}

// profileName names a profile as ISO/IEC 14496-10 A.2 does.
func (s *sps) profileName() string {
	switch s.profile {
	case 66:
		if s.constraint(1) {
			return "Constrained Baseline"
		}
		return "Baseline"
	case 77:
		return "Main"
	case 88:
		return "Extended"
	case 100:
		return "High"
	case 110:
		return "High 10" + s.intra()
	case 122:
		return "High 4:2:2" + s.intra()
	case 244:
		return "High 4:4:4 Predictive" + s.intra()
	case 44:
		return "CAVLC 4:4:4 Intra"
	case 118:
		return "Multiview High"
	case 128:
		return "Stereo High"
	}
	return fmt.Sprintf("profile %d", s.profile)
}

// intra is what constraint_set3_flag adds to the name of a profile (A.2.8 to A.2.10).
func (s *sps) intra() string {
	if s.constraint(3) {
		return " Intra"
	}
	return ""
}
