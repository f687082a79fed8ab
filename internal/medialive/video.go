package medialive

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// videoName is what the original sample calls its video and its output.
const videoName = "video_1080p"

// Size and frame rate of the original sample, assumed for the bit rate where the
// source's are kept.
const (
	sampleWidth, sampleHeight, sampleFrameRate = 1920, 1080, 25
)

// codec is a coding that both LILO and MediaLive encode.
type codec struct {
	name   string // channel.CodecAVC, …
	member string // of the codec settings in a document
	preset string // of LILO; none for audio
}

func videoCodecs() []codec {
	return []codec{
		{channel.CodecAVC, "h264Settings", "avc"},
		{channel.CodecHEVC, "h265Settings", "hevc"},
		{channel.CodecMPEG2, "mpeg2Settings", "mpeg2"},
	}
}

// settingsOf makes the settings of the codec of that name a member of to, and
// returns them.
func settingsOf(to any, codecs []codec, name string) reflect.Value {
	i := slices.IndexFunc(codecs, func(c codec) bool { return c.name == name })
	m := memberAt(reflect.ValueOf(to), codecs[max(0, i)].member)
	m.Set(reflect.New(m.Type().Elem()))
	return m
}

// encodeOnAWS returns the encoder settings with what MediaLive requires where the
// spec leaves it to the source. It reports settings that MediaLive does not have.
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
	fillAudio(&all.Audio)
	return all, nil
}

// checkVideo reports video settings that LILO encodes and MediaLive does not.
func checkVideo(v channel.EncodeVideo) error {
	switch {
	case v.Codec != channel.CodecAVC && v.FramerateNumerator == 0:
		return fault.New(fault.Usage, "MediaLive encodes %s at a frame rate that is given: add framerate=25", v.Codec)
	case v.Codec == channel.CodecHEVC && v.RateControlMode == channel.RateVBR:
		return fault.New(fault.Usage, "MediaLive encodes HEVC with rateControlMode CBR or QVBR, not VBR")
	case v.Codec == channel.CodecMPEG2 && (v.Bitrate != 0 || v.MaxBitrate != 0 || v.RateControlMode != channel.RateQVBR):
		return fault.New(fault.Usage, "MediaLive chooses the bit rate of MPEG-2 itself: leave out rateControlMode, bitrate and maxBitrate")
	case (v.Width == 0) != (v.Height == 0):
		return fault.New(fault.Usage, "MediaLive takes width and height together, or neither")
	}
	return checkCarried(v)
}

// checkCarried reports settings that the documents of a codec have no member for.
func checkCarried(v channel.EncodeVideo) error {
	codecs := videoCodecs()
	i := slices.IndexFunc(codecs, func(c codec) bool { return c.name == v.Codec })
	usual, _ := channel.Preset(codecs[max(0, i)].preset)
	settings := settingsOf(new(types.VideoCodecSettings), codecs, v.Codec)
	for _, f := range channel.VideoFields("") {
		var description types.VideoDescription
		carried := memberAt(settings, f.Member()).IsValid() || memberAt(reflect.ValueOf(description), f.Member()).IsValid()
		if !carried && f.Wire(&v) != f.Wire(&usual.Video) {
			return fault.New(fault.Usage, "MediaLive has no %s for %s: leave it out", f.Key, v.Codec)
		}
	}
	return nil
}

// Pictures is what is known of a source's pictures. Members are 0 where nothing is.
type Pictures struct {
	Width, Height                            int
	FramerateNumerator, FramerateDenominator int64 // pictures a second
}

// Fit returns encoder settings with what they leave to the source filled in: its frame
// rate, and bit rates that fit its size and frame rate.
func Fit(e channel.Encode, source Pictures) channel.Encode {
	v := &e.Video
	if v.FramerateNumerator == 0 && source.FramerateNumerator != 0 {
		v.FramerateNumerator, v.FramerateDenominator = framerate(source.FramerateNumerator, source.FramerateDenominator)
	}
	sized := *v
	if v.Width == 0 && v.Height == 0 {
		sized.Width, sized.Height = source.Width, source.Height
	}
	fillRates(&sized)
	v.Bitrate, v.MaxBitrate = sized.Bitrate, sized.MaxBitrate
	return e
}

// framerate returns a frame rate in numbers that all encoders take: those given, or
// the nearest multiple of 1000/1001 or 1/1000 of a picture a second.
func framerate(numerator, denominator int64) (over, under int) {
	if numerator <= 1_000_000 && denominator <= *constraints()["H265Settings framerateDenominator"].high {
		return int(numerator), int(denominator)
	}
	rate := float64(numerator) / float64(denominator)
	if ntsc := math.Round(rate * 1001 / 1000); math.Abs(ntsc*1000/1001/rate-1) < 1e-5 {
		return int(ntsc) * 1000, 1001
	}
	return int(max(1, math.Round(rate*1000))), 1000
}

// mostChosen is the highest rate in bit/s that LILO chooses: that of MediaLive's
// highest class (ReservationMaximumBitrate).
const mostChosen = 50_000_000

// fillRates fills in the rates that MediaLive requires: a sixth of a bit for a
// pixel in H.264, 0.6 of that in HEVC, as package encode has it, as far as the model
// goes.
func fillRates(v *channel.EncodeVideo) {
	pixels := float64(cmp.Or(v.Width, sampleWidth)*cmp.Or(v.Height, sampleHeight)) * sampleFrameRate
	if v.FramerateNumerator != 0 {
		pixels *= float64(v.FramerateNumerator) / float64(cmp.Or(v.FramerateDenominator, 1)) / sampleFrameRate
	}
	most := int64(mostChosen)
	if v.Codec == channel.CodecHEVC {
		pixels *= 0.6
		most = *constraints()["H265Settings maxBitrate"].high
	}
	fit := min(most, max(1_000_000, int64(pixels/6/1e5)*100_000))
	switch {
	case v.Codec == channel.CodecMPEG2:
	case v.RateControlMode == channel.RateCBR:
		v.Bitrate = cmp.Or(v.Bitrate, fit)
	case v.RateControlMode == channel.RateVBR:
		v.Bitrate = cmp.Or(v.Bitrate, fit/2)
		v.MaxBitrate = cmp.Or(v.MaxBitrate, v.Bitrate*3/2)
	default:
		v.MaxBitrate = cmp.Or(v.MaxBitrate, fit)
	}
}

// videoDescription returns the description of the video; without settings it is copied.
func videoDescription(e *channel.Encode) types.VideoDescription {
	d := types.VideoDescription{Name: new(videoName)}
	if e == nil {
		return d
	}
	put(&d, channel.VideoFields(""), &e.Video)
	putDefaults(&d, "scalingBehavior", "sharpness", "respondToAfd")
	v := e.Video
	if v.GopSize == 0 {
		v.GopSize, v.GopSizeUnits = 2, channel.GopSeconds
	}
	if v.FramerateNumerator != 0 {
		v.FramerateDenominator = cmp.Or(v.FramerateDenominator, 1)
	}
	if v.RateControlMode != channel.RateQVBR {
		v.QvbrQualityLevel = 0
	}
	d.CodecSettings = new(types.VideoCodecSettings)
	putVideo(settingsOf(d.CodecSettings, videoCodecs(), v.Codec), v)
	return d
}

// putVideo writes the settings of a codec, with the original sample's choices for
// what a spec cannot say, some of which are defaults.
func putVideo(s reflect.Value, v channel.EncodeVideo) {
	putDefaults(s.Interface(), "gopClosedCadence", "subgopLength", "lookAheadRateControl", "flickerAq", "spatialAq", "temporalAq",
		"colorMetadata", "afdSignaling", "timecodeInsertion")
	put(s.Interface(), channel.VideoFields(""), &v)
	switch s := s.Interface().(type) {
	case *types.H264Settings:
		s.AdaptiveQuantization = types.H264AdaptiveQuantizationMedium
		s.Level = types.H264Level(level("H264", v.Level))
		s.FramerateControl, s.ParControl = types.H264FramerateControlInitializeFromSource, types.H264ParControlInitializeFromSource
		if v.FramerateNumerator != 0 {
			s.FramerateControl = types.H264FramerateControlSpecified
		}
		if v.Width != 0 {
			s.ParControl, s.ParNumerator, s.ParDenominator = types.H264ParControlSpecified, new(int32(1)), new(int32(1))
		}
	case *types.H265Settings:
		s.AdaptiveQuantization = types.H265AdaptiveQuantizationMedium
		s.Level = types.H265Level(level("H265", v.Level))
		if v.Width != 0 {
			s.ParNumerator, s.ParDenominator = new(int32(1)), new(int32(1))
		}
	}
}

// level returns H264_LEVEL_4_1 for 4.1, and H264_LEVEL_AUTO for none.
func level(codec, number string) string {
	if number == "" {
		number = "AUTO"
	}
	return codec + "_LEVEL_" + strings.ReplaceAll(number, ".", "_")
}
