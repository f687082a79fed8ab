package avc

import "github.com/lilo-live/lilo/internal/media"

// limit is what a level allows (ISO/IEC 14496-10, table A-1).
type limit struct {
	rate int64 // MaxBR, in units of cpbBrNalFactor bit/s
	cpb  int64 // MaxCPB, in units of cpbBrNalFactor bits
}

// limits returns the limits of the stream's level, for a level that the table
// does not know those of the largest.
func (s *sps) limits() limit {
	if s.level1b() {
		return limit{128, 350}
	}
	switch s.level {
	case 10:
		return limit{64, 175}
	case 11:
		return limit{192, 500}
	case 12:
		return limit{384, 1000}
	case 13:
		return limit{768, 2000}
	case 20:
		return limit{2000, 2000}
	case 21, 22:
		return limit{4000, 4000}
	case 30:
		return limit{10_000, 10_000}
	case 31:
		return limit{14_000, 14_000}
	case 32:
		return limit{20_000, 20_000}
	case 40:
		return limit{20_000, 25_000}
	case 41, 42:
		return limit{50_000, 62_500}
	case 50:
		return limit{135_000, 135_000}
	case 51, 52, 60:
		return limit{240_000, 240_000}
	case 61:
		return limit{480_000, 480_000}
	}
	return limit{800_000, 800_000}
}

// level1b reports whether the level is 1b: level_idc 9, or in the three oldest
// profiles level_idc 11 with constraint_set3_flag (A.3.1, A.3.2).
func (s *sps) level1b() bool {
	switch s.profile {
	case 66, 77, 88:
		return s.level == 11 && s.constraint(3)
	}
	return s.level == 9
}

// constraint returns constraint_setN_flag, N from 0 to 5.
func (s *sps) constraint(n uint) bool { return s.constraints>>(7-n)&1 == 1 }

// rateFactor is cpbBrNalFactor, bit/s for each unit of MaxBR (table A-2; 1200
// for the profiles of A.3.1).
func (s *sps) rateFactor() int64 {
	switch s.profile {
	case 66, 77, 88:
		return 1200
	case 110:
		return 3600
	case 122, 244, 44:
		return 4800
	}
	return 1500
}

// sizeFactor is the bits for each unit of MaxCPB. ISO/IEC 13818-1 2.14.3.1
// gives the decoder 1200 × MaxCPB in every profile, less than table A-2 of
// 14496-10 would for the High ones.
const sizeFactor = 1200

// buffer is the stream's part of the T-STD (ISO/IEC 13818-1 2.14.3.1): Rx is
// 1.2 × BitRate and EBS is cpb_size, both as the stream's own schedule for NAL
// units gives them, else those of the level. What a stream declares is
// trusted even beyond its level: its encoder filled that buffer. Rbx is the
// level's rate whatever the stream declares, and MB makes up for a smaller EB.
func (s *sps) buffer() media.Buffer {
	most := s.limits()
	schedule := hrd{bitRate: most.rate * s.rateFactor(), cpbSize: most.cpb * sizeFactor}
	if s.hrd.cpbSize > 0 {
		schedule = s.hrd
	}
	drain := media.BitRate(most.rate * sizeFactor)
	return media.Buffer{
		Leak: media.BitRate(schedule.bitRate * 6 / 5), Size: int(schedule.cpbSize / 8),
		Drain: max(drain, media.BitRate(s.hrd.bitRate)),
		Mux:   media.MuxBuffer(drain) + int(max(0, most.cpb*sizeFactor-schedule.cpbSize)/8),
	}
}
