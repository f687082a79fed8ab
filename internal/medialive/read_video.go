package medialive

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// video reads how pictures are encoded into e; false says that they are copied.
// What a document leaves open stays as the preset has it.
func (r *reader) video(at place, d types.VideoDescription, e *channel.Encode) bool {
	at.use("name")
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
		here.refuse("this codec is not encoded: H.264 is sent")
	}
	at.use("width", "height")
	e.Video.Width, e.Video.Height = int(aws.ToInt32(d.Width)), int(aws.ToInt32(d.Height))
	return true
}

func (r *reader) h264(at place, h *types.H264Settings, v *channel.EncodeVideo) {
	at.use("qvbrQualityLevel", "maxBitrate", "bitrate", "gopSize", "gopSizeUnits", "minBitrate")
	at.rateControl(string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.QvbrQualityLevel, v)
	gopInto(v, h.GopSize, string(h.GopSizeUnits))
	at.number("gopNumBFrames", h.GopNumBFrames, &v.GopNumBFrames, 0, 7)
	at.number("numRefFrames", h.NumRefFrames, &v.NumRefFrames, 1, 6)
	at.word("gopBReference", string(h.GopBReference), &v.GopBReference, channel.Enabled, channel.Disabled)
	at.word("profile", string(h.Profile), &v.Profile, "BASELINE", "MAIN", "HIGH")
	at.word("entropyEncoding", string(h.EntropyEncoding), &v.EntropyEncoding, channel.EntropyCABAC, channel.EntropyCAVLC)
	at.word("sceneChangeDetect", string(h.SceneChangeDetect), &v.SceneChangeDetect, channel.Enabled, channel.Disabled)
	at.word("scanType", string(h.ScanType), &v.ScanType, channel.ScanProgressive, channel.ScanInterlaced)
	at.level(string(h.Level), v)
	at.accept("framerateControl", true)
	if h.FramerateControl != types.H264FramerateControlInitializeFromSource {
		framerateInto(v, h.FramerateNumerator, h.FramerateDenominator)
	}
	at.use("framerateNumerator", "framerateDenominator", "parControl")
	at.square(h.ParNumerator, h.ParDenominator)
	at.accept("adaptiveQuantization", h.AdaptiveQuantization == types.H264AdaptiveQuantizationMedium)
	if v.Profile == "BASELINE" {
		at.baseline(v)
	}
}

// baseline takes away what that profile does not have.
func (p place) baseline(v *channel.EncodeVideo) {
	if v.GopNumBFrames > 0 {
		p.at("gopNumBFrames").note("profile BASELINE has no B pictures")
	}
	v.GopNumBFrames, v.EntropyEncoding = 0, channel.EntropyCAVLC
}

func (r *reader) h265(at place, h *types.H265Settings, v *channel.EncodeVideo) {
	at.use("qvbrQualityLevel", "maxBitrate", "bitrate", "gopSize", "gopSizeUnits", "minBitrate")
	at.rateControl(string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.QvbrQualityLevel, v)
	gopInto(v, h.GopSize, string(h.GopSizeUnits))
	at.number("gopNumBFrames", h.GopNumBFrames, &v.GopNumBFrames, 0, 7)
	at.word("gopBReference", string(h.GopBReference), &v.GopBReference, channel.Enabled, channel.Disabled)
	at.word("profile", string(h.Profile), &v.Profile, "MAIN", "MAIN_10BIT")
	at.word("sceneChangeDetect", string(h.SceneChangeDetect), &v.SceneChangeDetect, channel.Enabled, channel.Disabled)
	at.word("scanType", string(h.ScanType), &v.ScanType, channel.ScanProgressive)
	at.level(string(h.Level), v)
	framerateInto(v, h.FramerateNumerator, h.FramerateDenominator)
	at.use("framerateNumerator", "framerateDenominator")
	at.square(h.ParNumerator, h.ParDenominator)
	at.accept("adaptiveQuantization", h.AdaptiveQuantization == types.H265AdaptiveQuantizationMedium)
}

func (r *reader) mpeg2(at place, m *types.Mpeg2Settings, v *channel.EncodeVideo) {
	at.use("gopSize", "gopSizeUnits")
	gopInto(v, m.GopSize, string(m.GopSizeUnits))
	at.number("gopNumBFrames", m.GopNumBFrames, &v.GopNumBFrames, 0, 3)
	at.word("scanType", string(m.ScanType), &v.ScanType, channel.ScanProgressive, channel.ScanInterlaced)
	framerateInto(v, m.FramerateNumerator, m.FramerateDenominator)
	at.use("framerateNumerator", "framerateDenominator")
	at.accept("gopClosedCadence", aws.ToInt32(m.GopClosedCadence) <= 1)
}

// rateControl reads the mode and the rates that belong to it.
func (p place) rateControl(mode string, bitrate, most, quality *int32, v *channel.EncodeVideo) {
	v.RateControlMode = channel.RateCBR
	if mode != "" {
		p.word("rateControlMode", mode, &v.RateControlMode, channel.RateCBR, channel.RateVBR, channel.RateQVBR)
	}
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

// word takes a value that can be encoded; any other leaves the field as it is.
func (p place) word(member, given string, field *string, known ...string) {
	switch {
	case given == "":
	case slices.Contains(known, given):
		*field = given
		p.use(member)
	case *field == "":
		p.at(member).refuse("%s is not encoded: what fits the rest is", given)
	default:
		p.at(member).refuse("%s is not encoded: %s is", given, *field)
	}
}

// level reads H264_LEVEL_4_1 as 4.1.
func (p place) level(given string, v *channel.EncodeVideo) {
	p.use("level")
	_, number, _ := strings.Cut(given, "_LEVEL_")
	if number != "AUTO" {
		v.Level = strings.ReplaceAll(number, "_", ".")
	}
}

// square takes square pixels, which are those of a size that is given.
func (p place) square(over, under *int32) {
	if aws.ToInt32(over) == aws.ToInt32(under) {
		p.use("parNumerator", "parDenominator")
		return
	}
	p.at("parNumerator").refuse("pixels of a size that is given are square")
	p.use("parDenominator")
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
