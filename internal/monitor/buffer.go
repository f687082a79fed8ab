package monitor

import "github.com/lilo-live/lilo/internal/media"

// Buffer describes an elementary stream's part of the system target decoder
// (ISO/IEC 13818-1, 2.4.2). Leak and Size are required; the others are derived
// from them where they are 0.
type Buffer struct {
	// Leak is Rx, the rate at which TB, of 512 bytes, empties.
	Leak media.BitRate `json:"leak"`
	// Size is EBS of video, BS of audio, in bytes.
	Size int `json:"size"`
	// Drain is Rbx, the rate from MB to EB by the leak method; video only.
	// 0 stands for Leak, or Leak ÷ 1.2 with MPEG-2.
	Drain media.BitRate `json:"drain,omitempty"`
	// Mux is MBS, in bytes; video only. 0 stands for BSmux + BSoh at Drain.
	Mux int `json:"mux,omitempty"`
	// level is EBS at the limit of the level, for a stream of which one access unit
	// exceeds a Size that is only a guess; 0 for Size.
	level int
}

// complete fills in what is derived from Leak and Size.
func (b Buffer) complete(c coding) Buffer {
	if !c.video() {
		return b
	}
	if b.Drain == 0 {
		b.Drain = b.Leak
		if c == codingMPEG1Video || c == codingMPEG2Video {
			b.Drain = b.Leak * 10 / 12
		}
	}
	if b.Mux == 0 {
		b.Mux = overhead(max(b.Drain, 2_000_000))
	}
	return b
}

// overhead returns BSmux + BSoh in bytes: 4 ms and 1/750 s of the rate.
func overhead(rate media.BitRate) int { return int(rate*4/1000/8 + rate/750/8) }

// audioBuffer returns B of an audio stream (2.4.2.3; ETSI TS 101 154 for AC-3 and DTS).
func audioBuffer(c coding, channels int) Buffer {
	switch {
	case c == codingAC3, c == codingEAC3:
		return Buffer{Leak: 2_000_000, Size: 5696}
	case c == codingDTS:
		return Buffer{Leak: 2_000_000, Size: 9088}
	case c == codingADTS && channels == 0: // Only a program_config_element has their number.
		return Buffer{Leak: 33_177_600, Size: 51_216}
	case c != codingADTS, channels <= 2:
		return Buffer{Leak: 2_000_000, Size: 3584}
	default:
		return Buffer{Leak: 5_529_600, Size: 8976}
	}
}

// level is the limit of a level: a rate in bit/s and a buffer in bits, or both
// in units of a factor that depends on the profile.
type level struct{ rate, buffer int64 }

// h264Buffer returns TB, MB and EB of an H.264 stream (2.14.3.1) at the limits
// of its level, which hold where the stream has no hrd_parameters. Rx is 1.2
// times the profile's rate for NAL units; Rbx and EBS are 1200 times MaxBR and
// MaxCPB in every profile.
func h264Buffer(profile, constraints, idc byte) (Buffer, bool) {
	if idc == 11 && constraints&0x10 != 0 && profile <= 88 {
		idc = 9 // Level 1b.
	}
	l, ok := map[byte]level{ // MaxBR and MaxCPB (ISO/IEC 14496-10, table A-1).
		9: {128, 350}, 10: {64, 175}, 11: {192, 500}, 12: {384, 1000}, 13: {768, 2000},
		20: {2000, 2000}, 21: {4000, 4000}, 22: {4000, 4000},
		30: {10000, 10000}, 31: {14000, 14000}, 32: {20000, 20000},
		40: {20000, 25000}, 41: {50000, 62500}, 42: {50000, 62500},
		50: {135000, 135000}, 51: {240000, 240000}, 52: {240000, 240000},
		60: {240000, 240000}, 61: {480000, 480000}, 62: {800000, 800000},
	}[idc]
	factor := int64(1200) // cpbBrNalFactor (table A-2)
	switch profile {
	case 100:
		factor = 1500
	case 110:
		factor = 3600
	case 122, 244, 44:
		factor = 4800
	}
	return Buffer{
		Leak: media.BitRate(l.rate*factor) * 12 / 10, Drain: media.BitRate(l.rate * 1200), Size: int(l.buffer * 1200 / 8),
	}.complete(codingH264), ok
}

// hevcBuffer returns TB, MB and EB of an HEVC stream (2.17.2) at the limits of its
// level and tier (ISO/IEC 23008-2, table A.9).
func hevcBuffer(profile byte, high bool, idc byte) (Buffer, bool) {
	tiers, ok := map[byte]struct{ main, high int64 }{ // MaxBR, which is MaxCPB but for level 1.
		30: {128, 128}, 60: {1500, 1500}, 63: {3000, 3000}, 90: {6000, 6000}, 93: {10000, 10000},
		120: {12000, 30000}, 123: {20000, 50000},
		150: {25000, 100000}, 153: {40000, 160000}, 156: {60000, 240000},
		180: {60000, 240000}, 183: {120000, 480000}, 186: {240000, 800000},
	}[idc]
	l := level{tiers.main, tiers.main}
	if high {
		l = level{tiers.high, tiers.high}
	}
	if idc == 30 {
		l.buffer = 350
	}
	factor := int64(1100)
	if profile > 3 {
		factor = 1833
	}
	return Buffer{Leak: media.BitRate(l.rate * factor), Size: int(l.buffer * factor / 8)}.complete(codingHEVC), ok
}

// mpeg2Buffer returns TB, MB and EB of an MPEG-2 stream (2.4.2.3). size is
// vbv_buffer_size in bits and rate is bit_rate, both of the sequence header. Where
// bit_rate says nothing, having all bits set, vbv_buffer_size is often a guess.
func mpeg2Buffer(levelID byte, size, rate int64) Buffer {
	l, small := level{15_000_000, 1_835_008}, true // Rmax and VBVmax of Main level (ISO/IEC 13818-2, tables 8-13 and 8-14).
	switch levelID {
	case 10: // Low
		l = level{4_000_000, 475_136}
	case 6: // High 1440
		l, small = level{60_000_000, 7_340_032}, false
	case 2, 4: // HighP, High
		l, small = level{80_000_000, 9_781_248}, false
	}
	size = min(size, l.buffer)
	const unspecified = 1<<18 - 1
	b := Buffer{Leak: media.BitRate(l.rate * 12 / 10), Drain: media.BitRate(l.rate), Size: int(size / 8), Mux: overhead(media.BitRate(l.rate))}
	if small {
		b.Mux += int((l.buffer - size) / 8)
	} else {
		b.Drain = media.BitRate(min(rate*105/100, l.rate))
	}
	if rate == 400*unspecified {
		b.level = int(l.buffer / 8)
	}
	return b
}

// mpeg4Buffer returns TB, MB and EB of MPEG-4 part 2 (2.11.2) at Advanced Simple@L5
// (ISO/IEC 14496-2, table N.1): few encoders know of levels.
func mpeg4Buffer() Buffer {
	return Buffer{Leak: 9_600_000, Drain: 8_000_000, Size: 112 * 2048}.complete(codingMPEG4Video)
}

// dtsBuffer returns B of DTS, or of DTS-HD where an extension follows the first frame.
// ok is false where b ends before that.
func dtsBuffer(b []byte) (buf Buffer, ok bool) {
	f, ok := parseFrame(codingDTS, b[:min(len(b), frameHeaderSize(codingDTS))])
	if !ok || len(b) < f.size+4 {
		return Buffer{}, false
	}
	if b[f.size] == 0x64 {
		return Buffer{Leak: 32_000_000, Size: 66_432}, true
	}
	return audioBuffer(codingDTS, 0), true
}
