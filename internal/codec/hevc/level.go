package hevc

import "github.com/lilo-live/lilo/internal/media"

// limit returns MaxBR (ISO/IEC 23008-2, table A.9) in units of BrNalFactor bit/s,
// and MaxCPB (table A.8) in units of CpbNalFactor bits, which is the same number
// except for the lowest level. The high tier begins with level 4. For a level that
// the tables do not have it is the largest.
func (s *sps) limit() (rate, cpb int64) {
	if s.level == 30 {
		return 128, 350
	}
	tiers, ok := map[uint32]struct{ main, high int64 }{
		60:  {1500, 1500},
		63:  {3000, 3000},
		90:  {6000, 6000},
		93:  {10_000, 10_000},
		120: {12_000, 30_000},
		123: {20_000, 50_000},
		150: {25_000, 100_000},
		153: {40_000, 160_000},
		156: {60_000, 240_000},
		180: {60_000, 240_000},
		183: {120_000, 480_000},
	}[s.level]
	if !ok {
		tiers.main, tiers.high = 240_000, 800_000
	}
	if s.highTier {
		return tiers.high, tiers.high
	}
	return tiers.main, tiers.main
}

// factor is CpbNalFactor and BrNalFactor (table A.10, A.3.2 to A.3.5): 1100 for
// Main and Main 10, in the format range extensions more with every bit and
// every chroma sample. A stream counts as one of the smallest profile that
// could hold it, monochrome as 4:2:0.
func (s *sps) factor() int64 {
	if s.profile < 4 {
		return 1100
	}
	row := min(s.chroma, 3)
	switch {
	case s.depth <= 8:
		return [...]int64{1100, 1100, 1833, 2200}[row]
	case s.depth <= 10:
		return [...]int64{1100, 1100, 1833, 2750}[row]
	case s.depth <= 12:
		return [...]int64{1650, 1650, 2200, 3300}[row]
	}
	return 8800
}

// buffer is the stream's part of the T-STD (ISO/IEC 13818-1 2.17.2): Rx is
// BitRate × CpbNalFactor ÷ CpbVclFactor, which is 1.1 in every profile, and
// EBS is cpb_size. Where the stream has a plausible schedule for NAL units it gives
// both; else BitRate is CpbVclFactor × MaxBR and cpb_size CpbNalFactor ×
// MaxCPB. What a stream declares is trusted even beyond its level: its encoder
// filled that buffer.
func (s *sps) buffer() media.Buffer {
	rate, cpb := s.limit()
	drain := media.BitRate(rate * s.factor())
	b := media.Buffer{Leak: drain, Size: int(cpb * s.factor() / 8), Drain: drain, Mux: media.MuxBuffer(drain)}
	if s.hrd.Plausible() {
		b.Mux += max(0, b.Size-int(s.hrd.CPBSize/8))
		b.Leak, b.Size = media.BitRate(s.hrd.BitRate*11/10), int(s.hrd.CPBSize/8)
		b.Drain = max(drain, b.Leak)
	}
	return b
}
