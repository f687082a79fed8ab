package medialive

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// video reads how video is encoded into e, and reports whether it is; otherwise
// it is copied. What the document leaves open is as in the codec's preset.
func (r *reader) video(at place, d types.VideoDescription, e *channel.Encode) bool {
	at.handled("name")
	codec := d.CodecSettings
	if codec == nil || *codec == (types.VideoCodecSettings{}) {
		return false
	}
	here := at.at("codecSettings")
	switch {
	case codec.H264Settings != nil:
		*e, _ = channel.Preset("avc")
		r.h264(here.at("h264Settings"), codec.H264Settings, &e.Video)
	case codec.H265Settings != nil:
		*e, _ = channel.Preset("hevc")
		r.h265(here.at("h265Settings"), codec.H265Settings, &e.Video)
	case codec.Mpeg2Settings != nil:
		*e, _ = channel.Preset("mpeg2")
		r.mpeg2(here.at("mpeg2Settings"), codec.Mpeg2Settings, &e.Video)
	default:
		*e, _ = channel.Preset("avc")
		here.unsupported("this codec is not encoded: H.264 is sent")
	}
	at.handled("width", "height")
	e.Video.Width, e.Video.Height = int(aws.ToInt32(d.Width)), int(aws.ToInt32(d.Height))
	return true
}

func (r *reader) h264(at place, h *types.H264Settings, v *channel.EncodeVideo) {
	at.rateControl(string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.QvbrQualityLevel, v)
	at.plain(h, v, h.GopSize, string(h.GopSizeUnits))
	at.level(string(h.Level), v)
	at.handled("framerateControl", "parControl")
	if h.FramerateControl != types.H264FramerateControlInitializeFromSource {
		framerateInto(v, h.FramerateNumerator, h.FramerateDenominator)
	}
	at.square(h.ParNumerator, h.ParDenominator)
	at.handledIf("adaptiveQuantization", h.AdaptiveQuantization == types.H264AdaptiveQuantizationMedium)
	if v.Profile == "BASELINE" {
		at.baseline(v)
	}
}

// plain reads the settings that all codecs have, and those that are copied as they are.
func (p place) plain(codec any, v *channel.EncodeVideo, gopSize *float64, units string) {
	p.handled("framerateNumerator", "framerateDenominator", "gopSize", "gopSizeUnits")
	gopInto(v, gopSize, units)
	take(p, codec, only(channel.VideoFields(v.Codec), "gopNumBFrames", "numRefFrames", "gopBReference", "profile", "entropyEncoding",
		"sceneChangeDetect", "scanType"), v)
}

// baseline removes what the profile does not have.
func (p place) baseline(v *channel.EncodeVideo) {
	if v.GopNumBFrames > 0 {
		p.at("gopNumBFrames").report("profile BASELINE has no B pictures")
	}
	v.GopNumBFrames, v.EntropyEncoding = 0, channel.EntropyCAVLC
}

func (r *reader) h265(at place, h *types.H265Settings, v *channel.EncodeVideo) {
	at.rateControl(string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.QvbrQualityLevel, v)
	at.plain(h, v, h.GopSize, string(h.GopSizeUnits))
	at.level(string(h.Level), v)
	framerateInto(v, h.FramerateNumerator, h.FramerateDenominator)
	at.square(h.ParNumerator, h.ParDenominator)
	at.handledIf("adaptiveQuantization", h.AdaptiveQuantization == types.H265AdaptiveQuantizationMedium)
}

func (r *reader) mpeg2(at place, m *types.Mpeg2Settings, v *channel.EncodeVideo) {
	at.plain(m, v, m.GopSize, string(m.GopSizeUnits))
	framerateInto(v, m.FramerateNumerator, m.FramerateDenominator)
	at.handledIf("gopClosedCadence", aws.ToInt32(m.GopClosedCadence) <= 1)
}

// rateControl reads the mode and the rates that go with it.
func (p place) rateControl(mode string, bitrate, most, quality *int32, v *channel.EncodeVideo) {
	p.handled("qvbrQualityLevel", "maxBitrate", "bitrate", "minBitrate")
	v.RateControlMode = channel.RateCBR
	take(p, struct{ RateControlMode string }{mode}, only(channel.VideoFields(""), "rateControlMode"), v)
	switch v.RateControlMode {
	case channel.RateCBR:
		v.Bitrate = int64(aws.ToInt32(bitrate))
	case channel.RateVBR:
		v.Bitrate, v.MaxBitrate = int64(aws.ToInt32(bitrate)), int64(aws.ToInt32(most))
	default:
		v.MaxBitrate = int64(aws.ToInt32(most))
		if quality != nil {
			v.QvbrQualityLevel = int(*quality)
		}
	}
}

// level reads the level: 4.1 for H264_LEVEL_4_1.
func (p place) level(given string, v *channel.EncodeVideo) {
	p.handled("level")
	_, number, _ := strings.Cut(given, "_LEVEL_")
	if number != "AUTO" {
		v.Level = strings.ReplaceAll(number, "_", ".")
	}
}

// square reports pixels that are not square.
func (p place) square(over, under *int32) {
	if aws.ToInt32(over) == aws.ToInt32(under) {
		p.handled("parNumerator", "parDenominator")
		return
	}
	p.at("parNumerator").unsupported("pixels are square")
	p.handled("parDenominator")
}

func gopInto(v *channel.EncodeVideo, size *float64, units string) {
	if size != nil && *size > 0 {
		v.GopSize, v.GopSizeUnits = *size, channel.GopFrames
	}
	if units != "" && size != nil && *size > 0 {
		v.GopSizeUnits = units
	}
	if v.GopSizeUnits == channel.GopFrames {
		v.GopSize = float64(int(v.GopSize))
	}
}

func framerateInto(v *channel.EncodeVideo, over, under *int32) {
	if aws.ToInt32(over) > 0 {
		v.FramerateNumerator, v.FramerateDenominator = int(*over), int(max(1, aws.ToInt32(under)))
	}
}
