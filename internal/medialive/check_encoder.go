package medialive

import (
	"cmp"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// checkEncoder reports settings that a document can hold, and that MediaLive's
// encoders do not have. Those of LILO do, so that lilo serve takes such a document.
func checkEncoder(e channel.Encode) error {
	if err := CheckLines(e.Video.Codec, e.Video.Height); err != nil {
		return err
	}
	if err := checkFramerate(e.Video); err != nil {
		return err
	}
	if e.Audio.Codec == channel.CodecAAC {
		return checkAAC(e.Audio)
	}
	return nil
}

// mostLines is the height of the largest pictures that MediaLive encodes, of any but
// MPEG-2 (user guide, "Resolutions supported in video outputs").
const mostLines = 2160

// CheckLines checks that MediaLive encodes pictures of so many lines, 0 where that is
// unknown. Faults are of kind Usage.
func CheckLines(codec string, lines int) error {
	switch {
	case codec == channel.CodecMPEG2 && channel.ResolutionOf(lines) != channel.ResolutionSD:
		return fault.New(fault.Usage, "height %d: MediaLive encodes MPEG-2 in SD alone, below 720 lines: give width=720,height=576, or encode to avc", lines)
	case lines > mostLines:
		return fault.New(fault.Usage, "height %d: MediaLive encodes %d lines at most: give width=3840,height=%d", lines, mostLines, mostLines)
	}
	return nil
}

// mostFrames is the highest frame rate that MediaLive sells outputs with (its model,
// ReservationMaximumFramerate: MAX_60_FPS).
const mostFrames = 60

// checkFramerate checks that MediaLive encodes the frame rate, 0 where it is unknown.
func checkFramerate(v channel.EncodeVideo) error {
	if under := cmp.Or(v.FramerateDenominator, 1); v.FramerateNumerator > mostFrames*under {
		return fault.New(fault.Usage, "framerate %.5g: MediaLive encodes %d pictures a second at most: give framerate=%d or less",
			float64(v.FramerateNumerator)/float64(under), mostFrames, mostFrames)
	}
	return nil
}

// aacRates are the bit rates of AAC-LC for a coding mode and a sample rate.
type aacRates struct {
	codingMode string
	sampleRate int
	low, high  int64 // bit/s
}

// aacTable has the bit rates of AAC-LC at the sample rates that LILO has (user
// guide, "Supported sampling rate and bitrate for AAC output").
func aacTable() []aacRates {
	return []aacRates{
		{channel.CodingMono, 32_000, 32_000, 192_000},
		{channel.CodingMono, 44_100, 56_000, 256_000},
		{channel.CodingMono, 48_000, 56_000, 288_000},
		{channel.CodingStereo, 32_000, 40_000, 384_000},
		{channel.CodingStereo, 44_100, 96_000, 512_000},
		{channel.CodingStereo, 48_000, 64_000, 576_000},
		{channel.CodingSurround, 32_000, 160_000, 768_000},
		{channel.CodingSurround, 44_100, 256_000, 640_000},
		{channel.CodingSurround, 48_000, 256_000, 768_000},
	}
}

// checkAAC checks the bit rate of AAC.
func checkAAC(a channel.EncodeAudio) error {
	mode, rate := cmp.Or(a.CodingMode, channel.CodingStereo), cmp.Or(a.SampleRate, 48_000)
	for _, r := range aacTable() {
		if r.codingMode == mode && r.sampleRate == rate && a.Bitrate != 0 && (a.Bitrate < r.low || a.Bitrate > r.high) {
			return fault.New(fault.Usage, "audio.bitrate %s: MediaLive encodes AAC-LC with %s and %d Hz at %s to %s",
				channel.FormatRate(a.Bitrate), mode, rate, channel.FormatRate(r.low), channel.FormatRate(r.high))
		}
	}
	return nil
}
