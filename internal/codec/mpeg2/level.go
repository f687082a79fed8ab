package mpeg2

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/media"
)

// limit is what a profile allows at a level.
type limit struct {
	name string
	rate int64 // Rmax in bit/s (ISO/IEC 13818-2, table 8-13)
	vbv  int   // the largest vbv_buffer_size, in bits (table 8-14)
}

// limit returns the limits of profile_and_level_indication (8.1, tables 8-2 to
// 8-4); those of the largest where the tables do not know it.
func (s *sequence) limit() limit {
	if s.profile&0x80 != 0 {
		return escaped(s.profile)
	}
	level := s.profile & 0xf
	switch s.profile >> 4 {
	case 5:
		return limit{"Simple@" + levelName(level), 15_000_000, 1_835_008}
	case 4:
		return mainLimit(level)
	case 3:
		return scalableLimit("SNR", level)
	case 2:
		return scalableLimit("Spatial", level)
	case 1:
		return highLimit(level)
	}
	return largest(fmt.Sprintf("profile %d@%s", s.profile>>4, levelName(level)))
}

// Levels, the lower four bits of profile_and_level_indication (table 8-3).
const (
	levelHighP    = 2 // 1080 lines at 60 frames a second
	levelHigh     = 4
	levelHigh1440 = 6
	levelMain     = 8
	levelLow      = 10
)

func levelName(level byte) string {
	switch level {
	case levelHighP:
		return "HighP"
	case levelHigh:
		return "High"
	case levelHigh1440:
		return "High-1440"
	case levelMain:
		return "Main"
	case levelLow:
		return "Low"
	}
	return fmt.Sprintf("level %d", level)
}

func mainLimit(level byte) limit {
	name := "Main@" + levelName(level)
	switch level {
	case levelLow:
		return limit{name, 4_000_000, 475_136}
	case levelMain:
		return limit{name, 15_000_000, 1_835_008}
	case levelHigh1440:
		return limit{name, 60_000_000, 7_340_032}
	case levelHigh, levelHighP:
		return limit{name, 80_000_000, 9_781_248}
	}
	return largest(name)
}

// scalableLimit has the profiles whose layers together have Main's limits.
func scalableLimit(profile string, level byte) limit {
	l := mainLimit(level)
	l.name = profile + "@" + levelName(level)
	return l
}

func highLimit(level byte) limit {
	name := "High@" + levelName(level)
	switch level {
	case levelMain:
		return limit{name, 20_000_000, 2_441_216}
	case levelHigh1440:
		return limit{name, 80_000_000, 9_781_248}
	case levelHigh:
		return limit{name, 100_000_000, 12_222_464}
	}
	return largest(name)
}

// escaped has the profiles behind the escape bit (table 8-4 and 8.6).
func escaped(profile byte) limit {
	switch profile {
	case 0x85:
		return limit{"4:2:2@Main", 50_000_000, 9_437_184}
	case 0x82:
		return largest("4:2:2@High")
	}
	return largest(fmt.Sprintf("profile 0x%02x", profile))
}

// largest is 4:2:2@High (8.6.7).
func largest(name string) limit { return limit{name, 300_000_000, 47_185_920} }

// variable is the bit_rate of a stream that does not say: all bits set, by
// ISO/IEC 11172-2 2.4.3.2 and, in MPEG-2, by the habit of encoders. Those size
// no vbv either, and what they write there is a guess that single pictures exceed.
const variable = 1<<18 - 1

// buffer is the stream's part of the T-STD (ISO/IEC 13818-1 2.4.2.3): Rx is
// 1.2 × Rmax and EBS is vbv_buffer_size. A bit_rate beyond Rmax is trusted:
// the stream says of itself that its level is wrong.
func (s *sequence) buffer() media.Buffer {
	most := s.limit()
	if s.mpeg1 {
		most = s.limit1()
	}
	b := media.Buffer{Leak: media.BitRate(most.rate * 6 / 5), Size: most.vbv / 8}
	if s.bitRate != variable {
		b.Leak = max(b.Leak, media.BitRate(s.bitRate*400*6/5))
		if s.vbv > 0 {
			b.Size = s.vbv * 16384 / 8
		}
	}
	b.Drain = b.Leak * 5 / 6
	b.Mux = media.MuxBuffer(b.Drain)
	return b
}

// limit1 returns the limits of MPEG-1 video: those of constrained parameters
// (ISO/IEC 11172-2 2.4.3.2), which ISO/IEC 13818-1 2.4.2.3 takes for Rmax, and
// for all else those of Main@Main, whose decoders play it.
func (s *sequence) limit1() limit {
	if s.constrained || s.bitRate != variable {
		return limit{"", 1_856_000, 327_680}
	}
	return mainLimit(levelMain)
}
