package medialive

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
)

// audio reads how audio is encoded into a, and reports whether it is; otherwise it is copied.
func (r *reader) audio(at place, d types.AudioDescription, a *channel.EncodeAudio) bool {
	at.handled("name", "audioSelectorName", "audioTypeControl", "streamName", "languageCodeControl")
	codec := d.CodecSettings
	if codec == nil || *codec == (types.AudioCodecSettings{}) || codec.PassThroughSettings != nil {
		at.handled("codecSettings")
		return false
	}
	here := at.at("codecSettings")
	switch {
	case codec.AacSettings != nil:
		r.aac(here.at("aacSettings"), codec.AacSettings, a)
	case codec.Ac3Settings != nil:
		s := codec.Ac3Settings
		a.Codec, a.SampleRate = channel.CodecAC3, 48_000
		r.samples(here.at("ac3Settings"), s.Bitrate, nil, channelsOf(string(s.CodingMode)), a)
	case codec.Mp2Settings != nil:
		s := codec.Mp2Settings
		a.Codec = channel.CodecMP2
		r.samples(here.at("mp2Settings"), s.Bitrate, s.SampleRate, string(s.CodingMode), a)
	case codec.Eac3Settings != nil, codec.Eac3AtmosSettings != nil:
		a.Codec, a.SampleRate, a.Bitrate = channel.CodecAC3, 48_000, 0
		here.unsupported("E-AC-3 is not encoded: AC-3 is sent")
	default:
		here.unsupported("this codec is not encoded: %s is sent", a.Codec)
	}
	return true
}

func (r *reader) aac(at place, s *types.AacSettings, a *channel.EncodeAudio) {
	a.Codec = channel.CodecAAC
	at.handledIf("vbrQuality", s.RateControlMode != types.AacRateControlModeVbr)
	r.samples(at, s.Bitrate, s.SampleRate, string(s.CodingMode), a)
}

// channelsOf returns a coding mode of AC-3 as the other codecs call it.
func channelsOf(mode string) string {
	if mode == string(types.Ac3CodingModeCodingMode32Lfe) {
		return channel.CodingSurround
	}
	return mode
}

// samples reads the settings that all audio codecs have.
func (r *reader) samples(at place, bits, hertz *float64, mode string, a *channel.EncodeAudio) {
	at.handled("bitrate")
	a.Bitrate = int64(aws.ToFloat64(bits))
	switch rate := aws.ToFloat64(hertz); rate {
	case 0:
		at.handled("sampleRate")
	case 32_000, 44_100, 48_000:
		a.SampleRate = int(rate)
		at.handled("sampleRate")
	default:
		at.at("sampleRate").unsupported("audio is encoded at 32000, 44100 or 48000 Hz: 48000 is taken")
		a.SampleRate = 48_000
	}
	take(at, struct{ CodingMode string }{mode}, only(channel.AudioFields(), "codingMode"), a)
}

// language reads the configured language, which only an encoder can write.
func (r *reader) language(at place, d types.AudioDescription, a *channel.EncodeAudio, encoded bool) {
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
