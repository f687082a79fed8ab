package medialive

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// readAudio reads how audio is encoded into a, and reports whether it is;
// otherwise it is copied.
func readAudio(at place, d types.AudioDescription, a *channel.EncodeAudio) bool {
	at.handled("name", "audioSelectorName", "audioTypeControl", "streamName", "languageCodeControl")
	settings := d.CodecSettings
	if settings == nil || *settings == (types.AudioCodecSettings{}) || settings.PassThroughSettings != nil {
		at.handled("codecSettings")
		return false
	}
	here := at.at("codecSettings")
	for _, codec := range audioCodecs() {
		if s := memberAt(reflect.ValueOf(settings), codec.member); !s.IsNil() {
			a.Codec = codec.name
			readAudioCodec(here.at(codec.member), s, a)
			return true
		}
	}
	if settings.Eac3Settings != nil || settings.Eac3AtmosSettings != nil {
		a.Codec, a.SampleRate, a.Bitrate = channel.CodecAC3, 48_000, 0
		here.unsupported("E-AC-3 is not encoded: AC-3 is sent")
		return true
	}
	here.unsupported("this codec is not encoded: %s is sent", a.Codec)
	return true
}

// readAudioCodec reads the settings of a codec, which differ in what they have.
func readAudioCodec(at place, s reflect.Value, a *channel.EncodeAudio) {
	at.handledIf("vbrQuality", textAt(s, "rateControlMode") != "VBR")
	at.handled("bitrate")
	a.Bitrate = int64(numberAt(s, "bitrate"))
	switch rate := numberAt(s, "sampleRate"); {
	case a.Codec == channel.CodecAC3:
		a.SampleRate = 48_000
	case rate == 32_000, rate == 44_100, rate == 48_000:
		a.SampleRate = int(rate)
	case rate != 0:
		at.at("sampleRate").unsupported("audio is encoded at 32000, 44100 or 48000 Hz: 48000 is taken")
		a.SampleRate = 48_000
	}
	at.handled("sampleRate")
	mode := textAt(s, "codingMode")
	if mode == string(types.Ac3CodingModeCodingMode32Lfe) {
		mode = channel.CodingSurround // As the other codecs call it.
	}
	take(at, struct{ CodingMode string }{mode}, only(channel.AudioFields(), "codingMode"), a)
}

// readLanguage reads the configured language, which only an encoder can write.
func readLanguage(at place, d types.AudioDescription, a *channel.EncodeAudio, encoded bool) {
	code := aws.ToString(d.LanguageCode)
	if code == "" || d.LanguageCodeControl != types.AudioDescriptionLanguageCodeControlUseConfigured {
		return
	}
	if f := only(channel.AudioFields(), "languageCode")[0]; encoded && f.Set(a, code) == nil {
		at.handled("languageCode")
		return
	}
	at.at("languageCode").unsupported("the language that the file names is sent")
}
