package medialive

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// videoName is what the original sample called its pictures and its output.
const videoName = "video_1080p"

// The size and frame rate of the original sample, for bit rates of a picture
// whose size is the source's.
const (
	usualWidth, usualHeight, usualRate = 1920, 1080, 25
)

// encodeOnAWS returns the encoder settings with what MediaLive wants and the
// spec has left to the source, and refuses what MediaLive has no words for.
func encodeOnAWS(e *channel.Encode) (channel.Encode, error) {
	if e == nil {
		sample, _ := channel.Preset("lilo")
		return sample, nil
	}
	all := *e
	err := checkVideo(all.Video)
	if err == nil {
		err = checkAudio(all.Audio)
	}
	if err != nil {
		return all, fault.New(fault.Usage, "encode: %w", err)
	}
	fillRates(&all.Video)
	return all, nil
}

// checkVideo refuses what runs here and cannot be said to MediaLive.
func checkVideo(v channel.EncodeVideo) error {
	switch {
	case v.Codec != channel.CodecAVC && v.FramerateNumerator == 0:
		return fault.New(fault.Usage, "MediaLive encodes %s at a frame rate that is given: add framerate=25", v.Codec)
	case v.Codec == channel.CodecHEVC && v.RateControlMode == channel.RateVBR:
		return fault.New(fault.Usage, "MediaLive encodes HEVC with rateControlMode CBR or QVBR, not VBR")
	case v.Codec == channel.CodecMPEG2 && (v.Bitrate != 0 || v.MaxBitrate != 0 || v.RateControlMode != channel.RateQVBR):
		return fault.New(fault.Usage, "MediaLive chooses the bit rate of MPEG-2 itself: leave out rateControlMode, bitrate and maxBitrate")
	case v.Codec == channel.CodecMPEG2 && (v.Level != "" || v.NumRefFrames != 0):
		return fault.New(fault.Usage, "MediaLive chooses level and reference pictures of MPEG-2 itself: leave out level and numRefFrames")
	case (v.Width == 0) != (v.Height == 0):
		return fault.New(fault.Usage, "MediaLive takes width and height together, or neither")
	}
	return nil
}

// fillRates fills in rates that MediaLive does not do without: a sixth of a bit
// for a pixel in H.264, 0.6 of that in HEVC, as package encode has it.
func fillRates(v *channel.EncodeVideo) {
	pixels := float64(orElse(v.Width, usualWidth)*orElse(v.Height, usualHeight)) * usualRate
	if v.FramerateNumerator != 0 {
		pixels *= float64(v.FramerateNumerator) / float64(orElse(v.FramerateDenominator, 1)) / usualRate
	}
	if v.Codec == channel.CodecHEVC {
		pixels *= 0.6
	}
	fit := int64(min(80e6, max(1e6, float64(int64(pixels/6/1e5))*1e5)))
	switch {
	case v.Codec == channel.CodecMPEG2:
	case v.RateControlMode == channel.RateCBR:
		v.Bitrate = orElse(v.Bitrate, fit)
	case v.RateControlMode == channel.RateVBR:
		v.Bitrate = orElse(v.Bitrate, fit/2)
		v.MaxBitrate = orElse(v.MaxBitrate, v.Bitrate*3/2)
	default:
		v.MaxBitrate = orElse(v.MaxBitrate, fit)
	}
}

// orElse returns a, or b where a is not given.
func orElse[T comparable](a, b T) T {
	var none T
	if a == none {
		return b
	}
	return a
}

// videoDescription describes the pictures; without settings they are copied.
func videoDescription(e *channel.Encode) types.VideoDescription {
	d := types.VideoDescription{Name: new(videoName)}
	if e == nil {
		return d
	}
	d.Width, d.Height = count(e.Video.Width), count(e.Video.Height)
	d.ScalingBehavior, d.Sharpness = types.VideoDescriptionScalingBehaviorDefault, new(int32(50))
	d.RespondToAfd = types.VideoDescriptionRespondToAfdNone
	switch e.Video.Codec {
	case channel.CodecHEVC:
		d.CodecSettings = &types.VideoCodecSettings{H265Settings: h265(e.Video)}
	case channel.CodecMPEG2:
		d.CodecSettings = &types.VideoCodecSettings{Mpeg2Settings: mpeg2(e.Video)}
	default:
		d.CodecSettings = &types.VideoCodecSettings{H264Settings: h264(e.Video)}
	}
	return d
}

// h264 has the original sample's choices for what a spec cannot say.
func h264(v channel.EncodeVideo) *types.H264Settings {
	h := &types.H264Settings{
		RateControlMode: types.H264RateControlMode(v.RateControlMode), Bitrate: rate(v.Bitrate), MaxBitrate: rate(v.MaxBitrate),
		GopNumBFrames: new(int32(v.GopNumBFrames)), GopBReference: types.H264GopBReference(v.GopBReference),
		NumRefFrames: count(v.NumRefFrames), GopClosedCadence: new(int32(1)), SubgopLength: types.H264SubGopLengthFixed,
		Profile: types.H264Profile(v.Profile), Level: types.H264Level(level("H264", v.Level)),
		EntropyEncoding: types.H264EntropyEncoding(v.EntropyEncoding), ScanType: types.H264ScanType(v.ScanType),
		SceneChangeDetect:    types.H264SceneChangeDetect(v.SceneChangeDetect),
		AdaptiveQuantization: types.H264AdaptiveQuantizationMedium, LookAheadRateControl: types.H264LookAheadRateControlMedium,
		FlickerAq: types.H264FlickerAqEnabled, SpatialAq: types.H264SpatialAqEnabled, TemporalAq: types.H264TemporalAqEnabled,
		ColorMetadata: types.H264ColorMetadataInsert, AfdSignaling: types.AfdSignalingNone,
		TimecodeInsertion: types.H264TimecodeInsertionBehaviorDisabled,
		FramerateControl:  types.H264FramerateControlInitializeFromSource,
		ParControl:        types.H264ParControlInitializeFromSource,
	}
	size, units := gop(v)
	h.GopSize, h.GopSizeUnits = size, types.H264GopSizeUnits(units)
	if v.FramerateNumerator != 0 {
		h.FramerateControl = types.H264FramerateControlSpecified
		h.FramerateNumerator, h.FramerateDenominator = framerate(v)
	}
	if v.Width != 0 {
		h.ParControl, h.ParNumerator, h.ParDenominator = types.H264ParControlSpecified, new(int32(1)), new(int32(1))
	}
	if v.RateControlMode == channel.RateQVBR {
		h.QvbrQualityLevel = count(v.QvbrQualityLevel)
	}
	return h
}

func h265(v channel.EncodeVideo) *types.H265Settings {
	h := &types.H265Settings{
		RateControlMode: types.H265RateControlMode(v.RateControlMode), Bitrate: rate(v.Bitrate), MaxBitrate: rate(v.MaxBitrate),
		GopNumBFrames: new(int32(v.GopNumBFrames)), GopBReference: types.H265GopBReference(v.GopBReference),
		GopClosedCadence: new(int32(1)), SubgopLength: types.H265SubGopLengthFixed,
		Profile: types.H265Profile(v.Profile), Level: types.H265Level(level("H265", v.Level)),
		ScanType: types.H265ScanType(v.ScanType), SceneChangeDetect: types.H265SceneChangeDetect(v.SceneChangeDetect),
		AdaptiveQuantization: types.H265AdaptiveQuantizationMedium, LookAheadRateControl: types.H265LookAheadRateControlMedium,
		FlickerAq: types.H265FlickerAqEnabled, ColorMetadata: types.H265ColorMetadataInsert, AfdSignaling: types.AfdSignalingNone,
		TimecodeInsertion: types.H265TimecodeInsertionBehaviorDisabled,
	}
	size, units := gop(v)
	h.GopSize, h.GopSizeUnits = size, types.H265GopSizeUnits(units)
	h.FramerateNumerator, h.FramerateDenominator = framerate(v)
	if v.Width != 0 {
		h.ParNumerator, h.ParDenominator = new(int32(1)), new(int32(1))
	}
	if v.RateControlMode == channel.RateQVBR {
		h.QvbrQualityLevel = count(v.QvbrQualityLevel)
	}
	return h
}

func mpeg2(v channel.EncodeVideo) *types.Mpeg2Settings {
	m := &types.Mpeg2Settings{
		GopNumBFrames: new(int32(v.GopNumBFrames)), GopClosedCadence: new(int32(1)), SubgopLength: types.Mpeg2SubGopLengthFixed,
		ScanType: types.Mpeg2ScanType(v.ScanType), AfdSignaling: types.AfdSignalingNone,
		ColorMetadata: types.Mpeg2ColorMetadataInsert, TimecodeInsertion: types.Mpeg2TimecodeInsertionBehaviorDisabled,
	}
	size, units := gop(v)
	m.GopSize, m.GopSizeUnits = size, types.Mpeg2GopSizeUnits(units)
	m.FramerateNumerator, m.FramerateDenominator = framerate(v)
	return m
}

// gop returns the length of a GOP, two seconds where none is given.
func gop(v channel.EncodeVideo) (*float64, string) {
	if v.GopSize == 0 {
		return new(2.0), channel.GopSeconds
	}
	return new(v.GopSize), v.GopSizeUnits
}

func framerate(v channel.EncodeVideo) (over, under *int32) {
	return new(int32(v.FramerateNumerator)), new(int32(orElse(v.FramerateDenominator, 1)))
}

// rate returns a bit rate, nil for one that was not given.
func rate(bits int64) *int32 { return count(int(bits)) }

// level returns H264_LEVEL_4_1 for 4.1, and H264_LEVEL_AUTO for none.
func level(codec, number string) string {
	if number == "" {
		number = "AUTO"
	}
	return codec + "_LEVEL_" + strings.ReplaceAll(number, ".", "_")
}
