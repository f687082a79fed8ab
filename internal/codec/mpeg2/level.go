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

// Values of the fields of profile_and_level_indication (tables 8-2 and 8-3).
const (
	profileHigh   = 1
	profileMain   = 4
	profileSimple = 5
	levelHighP    = 2 // 1080 lines at 60 frames a second
	levelHigh     = 4
	levelHigh1440 = 6
	levelMain     = 8
	levelLow      = 10
)

// limit returns the limits of profile_and_level_indication (8.1, tables 8-2 to
// 8-4), those of the largest, 4:2:2@High (8.6.7), where the tables do not have it.
func (s *sequence) limit() limit {
	switch {
	case s.profile == 0x85:
		return limit{"4:2:2@Main", 50_000_000, 9_437_184}
	case s.profile == 0x82:
		return limit{"4:2:2@High", 300_000_000, 47_185_920}
	case s.profile&0x80 != 0:
		return limit{fmt.Sprintf("profile 0x%02x", s.profile), 300_000_000, 47_185_920}
	}
	profile, level := s.profile>>4, s.profile&0xf
	name := profileName(profile) + "@" + levelName(level)
	switch profile {
	case profileSimple: // has one level only
		profile, level = profileMain, levelMain
	case 2, 3: // the layers of SNR and Spatial together have Main's limits
		profile = profileMain
	}
	l, known := map[[2]byte]limit{
		{profileMain, levelLow}:      {name, 4_000_000, 475_136},
		{profileMain, levelMain}:     {name, 15_000_000, 1_835_008},
		{profileMain, levelHigh1440}: {name, 60_000_000, 7_340_032},
		{profileMain, levelHigh}:     {name, 80_000_000, 9_781_248},
		{profileMain, levelHighP}:    {name, 80_000_000, 9_781_248},
		{profileHigh, levelMain}:     {name, 20_000_000, 2_441_216},
		{profileHigh, levelHigh1440}: {name, 80_000_000, 9_781_248},
		{profileHigh, levelHigh}:     {name, 100_000_000, 12_222_464},
	}[[2]byte{profile, level}]
	if !known {
		return limit{name, 300_000_000, 47_185_920}
	}
	return l
}

func profileName(profile byte) string {
	names := [...]string{profileHigh: "High", 2: "Spatial", 3: "SNR", profileMain: "Main", profileSimple: "Simple"}
	if int(profile) >= len(names) || profile == 0 {
		return fmt.Sprintf("profile %d", profile)
	}
	return names[profile]
}

func levelName(level byte) string {
	names := [...]string{levelHighP: "HighP", levelHigh: "High", levelHigh1440: "High-1440", levelMain: "Main", levelLow: "Low"}
	if int(level) >= len(names) || names[level] == "" {
		return fmt.Sprintf("level %d", level)
	}
	return names[level]
}

// variable is the bit_rate of a stream that does not declare one: all bits set
// (ISO/IEC 11172-2, 2.4.3.2; in MPEG-2 encoders do the same). Its vbv_buffer_size
// is then often a guess that single pictures exceed.
const variable = 1<<18 - 1

// buffer returns the stream's part of the T-STD (ISO/IEC 13818-1, 2.4.2.3): Rx is
// 1.2 × Rmax and EBS is vbv_buffer_size. A larger MB makes up for what the level allows
// beyond that, but it must be empty once a second (2.4.2.6). A bit_rate above Rmax is trusted: it
// means that the level is wrong.
func (s *sequence) buffer() media.Buffer {
	most := s.limit()
	if s.mpeg1 {
		most = s.mpeg1Limit()
	}
	b := media.Buffer{Leak: media.BitRate(most.rate * 6 / 5), Size: most.vbv / 8}
	if s.bitRate*400 >= int64(media.MinBitRate) && s.vbv > 0 {
		b.Size = s.vbv * 16384 / 8
		if s.bitRate == variable {
			b.Level = most.vbv / 8
		}
	}
	if s.bitRate != variable {
		b.Leak = max(b.Leak, media.BitRate(s.bitRate*400*6/5))
	}
	b.Drain = b.Leak * 5 / 6
	b.Mux = media.MuxBuffer(b.Drain)
	return b
}

// mpeg1Limit returns the limits of MPEG-1 video: those of constrained parameters
// (ISO/IEC 11172-2, 2.4.3.2), which ISO/IEC 13818-1, 2.4.2.3 uses for Rmax, and
// otherwise those of Main@Main, whose decoders play it.
func (s *sequence) mpeg1Limit() limit {
	if s.constrained || s.bitRate != variable {
		return limit{"", 1_856_000, 327_680}
	}
	return limit{"", 15_000_000, 1_835_008}
}
