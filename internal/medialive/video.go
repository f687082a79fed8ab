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
	put(&d, channel.VideoFields(""), &e.Video)
	d.ScalingBehavior, d.Sharpness = types.VideoDescriptionScalingBehaviorDefault, new(int32(50))
	d.RespondToAfd = types.VideoDescriptionRespondToAfdNone
	v := e.Video
	if v.GopSize == 0 {
		v.GopSize, v.GopSizeUnits = 2, channel.GopSeconds
	}
	if v.FramerateNumerator != 0 {
		v.FramerateDenominator = orElse(v.FramerateDenominator, 1)
	}
	if v.RateControlMode != channel.RateQVBR {
		v.QvbrQualityLevel = 0
	}
	d.CodecSettings = videoCodec(v)
	return d
}

// videoCodec has the original sample's choices for what a spec cannot say.
func videoCodec(v channel.EncodeVideo) *types.VideoCodecSettings {
	switch v.Codec {
	case channel.CodecHEVC:
		h := &types.H265Settings{
			GopClosedCadence: new(int32(1)), SubgopLength: types.H265SubGopLengthFixed,
			AdaptiveQuantization: types.H265AdaptiveQuantizationMedium, LookAheadRateControl: types.H265LookAheadRateControlMedium,
			FlickerAq: types.H265FlickerAqEnabled, ColorMetadata: types.H265ColorMetadataInsert, AfdSignaling: types.AfdSignalingNone,
			TimecodeInsertion: types.H265TimecodeInsertionBehaviorDisabled,
		}
		put(h, channel.VideoFields(""), &v)
		h.Level = types.H265Level(level("H265", v.Level))
		if v.Width != 0 {
			h.ParNumerator, h.ParDenominator = new(int32(1)), new(int32(1))
		}
		return &types.VideoCodecSettings{H265Settings: h}
	case channel.CodecMPEG2:
		m := &types.Mpeg2Settings{
			GopClosedCadence: new(int32(1)), SubgopLength: types.Mpeg2SubGopLengthFixed, AfdSignaling: types.AfdSignalingNone,
			ColorMetadata: types.Mpeg2ColorMetadataInsert, TimecodeInsertion: types.Mpeg2TimecodeInsertionBehaviorDisabled,
		}
		put(m, channel.VideoFields(""), &v)
		return &types.VideoCodecSettings{Mpeg2Settings: m}
	}
	h := &types.H264Settings{
		GopClosedCadence: new(int32(1)), SubgopLength: types.H264SubGopLengthFixed,
		AdaptiveQuantization: types.H264AdaptiveQuantizationMedium, LookAheadRateControl: types.H264LookAheadRateControlMedium,
		FlickerAq: types.H264FlickerAqEnabled, SpatialAq: types.H264SpatialAqEnabled, TemporalAq: types.H264TemporalAqEnabled,
		ColorMetadata: types.H264ColorMetadataInsert, AfdSignaling: types.AfdSignalingNone,
		TimecodeInsertion: types.H264TimecodeInsertionBehaviorDisabled,
		FramerateControl:  types.H264FramerateControlInitializeFromSource,
		ParControl:        types.H264ParControlInitializeFromSource,
	}
	put(h, channel.VideoFields(""), &v)
	h.Level = types.H264Level(level("H264", v.Level))
	if v.FramerateNumerator != 0 {
		h.FramerateControl = types.H264FramerateControlSpecified
	}
	if v.Width != 0 {
		h.ParControl, h.ParNumerator, h.ParDenominator = types.H264ParControlSpecified, new(int32(1)), new(int32(1))
	}
	return &types.VideoCodecSettings{H264Settings: h}
}

// level returns H264_LEVEL_4_1 for 4.1, and H264_LEVEL_AUTO for none.
func level(codec, number string) string {
	if number == "" {
		number = "AUTO"
	}
	return codec + "_LEVEL_" + strings.ReplaceAll(number, ".", "_")
}
