package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// limit is what a level allows (ISO/IEC 14496-10, table A-1).
type limit struct {
	rate int64 // MaxBR, in units of cpbBrNalFactor bit/s
	cpb  int64 // MaxCPB, in units of cpbBrNalFactor bits
}

// limits returns the limits of the stream's level, or those of the largest one for
// a level that the table does not have.
func (s *sps) limits() limit {
	if s.level1b() {
		return limit{128, 350}
	}
	most, ok := map[uint32]limit{
		10: {64, 175},
		11: {192, 500},
		12: {384, 1000},
		13: {768, 2000},
		20: {2000, 2000},
		21: {4000, 4000},
		22: {4000, 4000},
		30: {10_000, 10_000},
		31: {14_000, 14_000},
		32: {20_000, 20_000},
		40: {20_000, 25_000},
		41: {50_000, 62_500},
		42: {50_000, 62_500},
		50: {135_000, 135_000},
		51: {240_000, 240_000},
		52: {240_000, 240_000},
		60: {240_000, 240_000},
		61: {480_000, 480_000},
	}[s.level]
	if !ok {
		return limit{800_000, 800_000}
	}
	return most
}

// level1b reports whether the level is 1b: level_idc 9, or in the three oldest
// profiles level_idc 11 with constraint_set3_flag (A.3.1, A.3.2).
func (s *sps) level1b() bool {
	if oldProfile(s.profile) {
		return s.level == 11 && s.constraint(3)
	}
	return s.level == 9
}

// oldProfile reports whether profile_idc is Baseline, Main or Extended.
func oldProfile(profile uint32) bool { return profile == 66 || profile == 77 || profile == 88 }

// constraint returns constraint_setN_flag, N from 0 to 5.
func (s *sps) constraint(n uint) bool { return s.constraints>>(7-n)&1 == 1 }

// rateFactor is cpbBrNalFactor, bit/s for each unit of MaxBR (table A-2; 1200
// for the profiles of A.3.1).
func (s *sps) rateFactor() int64 {
	switch {
	case oldProfile(s.profile):
		return 1200
	case s.profile == 110:
		return 3600
	case s.profile == 122, s.profile == 244, s.profile == 44:
		return 4800
	}
	return 1500
}

// sizeFactor is the bits for each unit of MaxCPB. ISO/IEC 13818-1 2.14.3.1
// gives the decoder 1200 × MaxCPB in every profile, less than table A-2 of 14496-10
// has for the High ones.
const sizeFactor = 1200

// buffer is the stream's part of the T-STD (ISO/IEC 13818-1 2.14.3.1): Rx is
// 1.2 × BitRate and EBS is cpb_size, both of the stream's own schedule for NAL units,
// or else of the level. A plausible schedule is trusted even beyond its level: its
// encoder filled that buffer. Rbx is always the level's rate, and MB makes up for a
// smaller EB.
func (s *sps) buffer() media.Buffer {
	most := s.limits()
	schedule := nal.Schedule{BitRate: most.rate * s.rateFactor(), CPBSize: most.cpb * sizeFactor}
	if s.hrd.Plausible() {
		schedule = s.hrd
	}
	drain := media.BitRate(most.rate * sizeFactor)
	return media.Buffer{
		Leak: media.BitRate(schedule.BitRate * 6 / 5), Size: int(schedule.CPBSize / 8),
		Drain: max(drain, media.BitRate(s.hrd.BitRate)),
		Mux:   media.MuxBuffer(drain) + int(max(0, most.cpb*sizeFactor-schedule.CPBSize)/8),
	}
}
