package channel

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// check reports the first setting that does not fit the others.
func (e Encode) check() error {
	if err := e.Video.check(); err != nil {
		return err
	}
	return e.Audio.check()
}

func (v EncodeVideo) check() error {
	for _, check := range []func(EncodeVideo) error{checkSize, checkFramerate, checkRates, checkGop, checkProfile} {
		if err := check(v); err != nil {
			return err
		}
	}
	return nil
}

// checkSize checks that sizes are even: pictures have half as many samples of
// colour in either direction (4:2:0).
func checkSize(v EncodeVideo) error {
	switch {
	case v.Width%2 != 0:
		return fault.New(fault.Usage, "width %d: it must be even", v.Width)
	case v.Height%2 != 0:
		return fault.New(fault.Usage, "height %d: it must be even", v.Height)
	case v.ScanType == ScanInterlaced && v.Height%4 != 0:
		return fault.New(fault.Usage, "height %d: with scanType INTERLACED it must be a multiple of 4", v.Height)
	case v.ScanType == ScanInterlaced && v.Codec == CodecHEVC:
		return fault.New(fault.Usage, "scanType INTERLACED: HEVC is PROGRESSIVE only")
	}
	return nil
}

func checkFramerate(v EncodeVideo) error {
	if v.FramerateNumerator == 0 && v.FramerateDenominator == 0 {
		return nil
	}
	if v.FramerateNumerator == 0 {
		return fault.New(fault.Usage, "framerateDenominator needs framerateNumerator")
	}
	rate := float64(v.FramerateNumerator) / float64(v.FramerateDenominator)
	if rate < 1 || rate > 120 {
		return fault.New(fault.Usage, "a frame rate of %d/%d: it must be 1 to 120", v.FramerateNumerator, v.FramerateDenominator)
	}
	if v.Codec == CodecMPEG2 && !FitsMPEG2(v.FramerateNumerator, v.FramerateDenominator) {
		return fault.New(fault.Usage, "a frame rate of %d/%d: MPEG-2 has 24000/1001, 24, 25, 30000/1001, 30, 50, 60000/1001 and 60",
			v.FramerateNumerator, v.FramerateDenominator)
	}
	return nil
}

// FitsMPEG2 reports whether MPEG-2 has a code for the frame rate (ISO/IEC 13818-2, table 6-4).
func FitsMPEG2(num, den int) bool {
	for _, r := range [][2]int{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}} {
		if num*r[1] == den*r[0] {
			return true
		}
	}
	return false
}

func checkRates(v EncodeVideo) error {
	switch {
	case v.RateControlMode == RateCBR && v.MaxBitrate != 0:
		return fault.New(fault.Usage, "maxBitrate: CBR has bitrate only")
	case v.RateControlMode == RateQVBR && v.Bitrate != 0:
		return fault.New(fault.Usage, "bitrate: QVBR has maxBitrate and qvbrQualityLevel only")
	case v.RateControlMode == RateVBR && v.MaxBitrate != 0 && v.MaxBitrate < v.Bitrate:
		return fault.New(fault.Usage, "maxBitrate %s is below bitrate %s", FormatRate(v.MaxBitrate), FormatRate(v.Bitrate))
	}
	return nil
}

func checkGop(v EncodeVideo) error {
	switch {
	case v.GopSizeUnits == GopFrames && v.GopSize != float64(int(v.GopSize)):
		return fault.New(fault.Usage, "gopSize %g: it must be a whole number of FRAMES", v.GopSize)
	case v.GopSizeUnits == GopFrames && v.GopSize > 1000, v.GopSizeUnits == GopSeconds && v.GopSize > 20:
		return fault.New(fault.Usage, "gopSize %g: a receiver that joins would wait too long; give at most 1000 FRAMES or 20 SECONDS", v.GopSize)
	case v.GopNumBFrames > limitsOf(v.Codec).maxBFrames:
		return fault.New(fault.Usage, "gopNumBFrames %d: %s has %d at most", v.GopNumBFrames, v.Codec, limitsOf(v.Codec).maxBFrames)
	}
	return nil
}

// limits are the values that a video codec takes.
type limits struct {
	maxBFrames int // between reference pictures
	scanTypes  []string
	profiles   []string
	levels     []string
}

// limitsOf returns the limits of a codec, or those of all codecs together for "".
func limitsOf(codec string) limits {
	both := []string{ScanProgressive, ScanInterlaced}
	avc := []string{"1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", "4.2", "5", "5.1", "5.2"}
	hevc := []string{"1", "2", "2.1", "3", "3.1", "4", "4.1", "5", "5.1", "5.2", "6", "6.1", "6.2"}
	mpeg2 := []string{"LOW", "MAIN", "HIGH1440", "HIGH"}
	switch codec {
	case CodecAVC:
		return limits{7, both, []string{"BASELINE", "MAIN", "HIGH"}, avc}
	case CodecHEVC:
		return limits{7, both[:1], []string{"MAIN", "MAIN_10BIT"}, hevc}
	case CodecMPEG2:
		return limits{3, both, []string{"MAIN"}, mpeg2}
	}
	return limits{7, both, []string{"BASELINE", "MAIN", "MAIN_10BIT", "HIGH"}, slices.Concat(avc, []string{"6", "6.1", "6.2"}, mpeg2)}
}

func checkProfile(v EncodeVideo) error {
	limits := limitsOf(v.Codec)
	switch {
	case v.Profile != "" && !slices.Contains(limits.profiles, v.Profile):
		return fault.New(fault.Usage, "profile %s: %s has %s", v.Profile, v.Codec, strings.Join(limits.profiles, ", "))
	case v.Level != "" && !slices.Contains(limits.levels, v.Level):
		return fault.New(fault.Usage, "level %s: %s has %s", v.Level, v.Codec, strings.Join(limits.levels, ", "))
	case v.Profile == "BASELINE" && (v.GopNumBFrames > 0 || v.EntropyEncoding == EntropyCABAC):
		return fault.New(fault.Usage, "profile BASELINE has neither B pictures nor CABAC: gopNumBFrames=0,entropyEncoding=CAVLC")
	}
	return nil
}

// check checks that the codec has the channels and the bit rate.
func (a EncodeAudio) check() error {
	if a.Codec == CodecMP2 && a.CodingMode == CodingSurround {
		return fault.New(fault.Usage, "audio.codingMode %s: MP2 has one or two channels", a.CodingMode)
	}
	if rates := AudioBitrates(a.Codec); a.Bitrate != 0 && rates != nil && !slices.Contains(rates, a.Bitrate) {
		texts := make([]string, len(rates))
		for i, rate := range rates {
			texts[i] = strconv.FormatInt(rate/1000, 10)
		}
		return fault.New(fault.Usage, "audio.bitrate %s: %s has %s kb/s", FormatRate(a.Bitrate), a.Codec, strings.Join(texts, ", "))
	}
	return nil
}

// AudioBitrates returns the bit rates that a codec has, in bit/s, nil for any.
func AudioBitrates(codec string) []int64 {
	all := map[string][]int64{
		CodecAC3: {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640},
		CodecMP2: {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
	}[codec]
	for i := range all {
		all[i] *= 1000
	}
	return all
}

// UsualAudioBitrate returns the bit rate in bit/s that fits a codec with 1, 2 or 6
// channels, 0 for a codec without such channels.
func UsualAudioBitrate(codec string, channels int) int64 {
	return map[string]map[int]int64{
		CodecAAC: {1: 64_000, 2: 128_000, 6: 384_000},
		CodecAC3: {1: 96_000, 2: 192_000, 6: 448_000},
		CodecMP2: {1: 96_000, 2: 192_000},
	}[codec][channels]
}
