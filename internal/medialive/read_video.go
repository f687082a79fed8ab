package medialive

import (
	"cmp"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// readVideo reads how video is encoded into e, and reports whether it is;
// otherwise it is copied. What the document leaves open is as in the codec's preset.
func readVideo(at place, d types.VideoDescription, e *channel.Encode) bool {
	at.handled("name")
	if d.CodecSettings == nil || *d.CodecSettings == (types.VideoCodecSettings{}) {
		return false
	}
	at.handled("width", "height")
	width, height := int(aws.ToInt32(d.Width)), int(aws.ToInt32(d.Height))
	for _, codec := range videoCodecs() {
		if s := memberAt(reflect.ValueOf(d.CodecSettings), codec.member); !s.IsNil() {
			*e, _ = channel.Preset(codec.preset)
			e.Video.Width, e.Video.Height = width, height
			readVideoCodec(at.at("codecSettings", codec.member), s, &e.Video)
			return true
		}
	}
	*e, _ = channel.Preset("avc")
	e.Video.Width, e.Video.Height = width, height
	at.at("codecSettings").unsupported("this codec is not encoded: H.264 is sent")
	return true
}

// readVideoCodec reads the settings of a codec, which differ in what they have.
func readVideoCodec(at place, s reflect.Value, v *channel.EncodeVideo) {
	take(at, s.Interface(), only(channel.VideoFields(v.Codec), "gopNumBFrames", "numRefFrames", "gopBReference", "profile", "entropyEncoding",
		"sceneChangeDetect", "scanType"), v)
	if memberAt(s, "rateControlMode").IsValid() {
		readRates(at, s, v)
	}
	readGop(at, s, v)
	readFramerate(at, s, v)
	at.handled("level", "parControl", "parDenominator")
	if _, level, _ := strings.Cut(textAt(s, "level"), "_LEVEL_"); level != "AUTO" {
		v.Level = strings.ReplaceAll(level, "_", ".") // 4.1 for H264_LEVEL_4_1.
	}
	if numberAt(s, "parNumerator") != numberAt(s, "parDenominator") {
		at.at("parNumerator").unsupported("pixels are square")
	}
	at.handled("parNumerator")
	at.handledIf("adaptiveQuantization", v.Codec != channel.CodecMPEG2 && textAt(s, "adaptiveQuantization") == "MEDIUM")
	at.handledIf("qualityLevel", v.RateControlMode == channel.RateQVBR && textAt(s, "qualityLevel") == "STANDARD_QUALITY")
	at.handledIf("gopClosedCadence", v.Codec == channel.CodecMPEG2 && numberAt(s, "gopClosedCadence") <= 1)
	if v.Profile == "BASELINE" {
		if v.GopNumBFrames > 0 {
			at.at("gopNumBFrames").report("profile BASELINE has no B pictures")
		}
		v.GopNumBFrames, v.EntropyEncoding = 0, channel.EntropyCAVLC
	}
}

// readRates reads the rate control mode and the rates that go with it.
func readRates(at place, s reflect.Value, v *channel.EncodeVideo) {
	at.handled("qvbrQualityLevel", "maxBitrate", "bitrate", "minBitrate")
	v.RateControlMode = channel.RateCBR
	take(at, s.Interface(), only(channel.VideoFields(""), "rateControlMode"), v)
	if v.RateControlMode != channel.RateQVBR {
		v.Bitrate = int64(numberAt(s, "bitrate"))
	}
	if v.RateControlMode != channel.RateCBR {
		v.MaxBitrate = int64(numberAt(s, "maxBitrate"))
	}
	if quality := numberAt(s, "qvbrQualityLevel"); quality != 0 && v.RateControlMode == channel.RateQVBR {
		v.QvbrQualityLevel = int(quality)
	}
}

// readGop reads the size of a GOP, which is in frames unless the document says otherwise.
func readGop(at place, s reflect.Value, v *channel.EncodeVideo) {
	at.handled("gopSize", "gopSizeUnits")
	if size := numberAt(s, "gopSize"); size > 0 {
		v.GopSize, v.GopSizeUnits = size, cmp.Or(textAt(s, "gopSizeUnits"), channel.GopFrames)
	}
	if v.GopSizeUnits == channel.GopFrames {
		v.GopSize = float64(int(v.GopSize))
	}
}

func readFramerate(at place, s reflect.Value, v *channel.EncodeVideo) {
	at.handled("framerateControl", "framerateNumerator", "framerateDenominator")
	numerator := int(numberAt(s, "framerateNumerator"))
	if numerator > 0 && textAt(s, "framerateControl") != "INITIALIZE_FROM_SOURCE" {
		v.FramerateNumerator, v.FramerateDenominator = numerator, max(1, int(numberAt(s, "framerateDenominator")))
	}
}
