package medialive

import (
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// checkAudio reports audio settings that LILO encodes and MediaLive does not.
func checkAudio(a channel.EncodeAudio) error {
	if a.Codec == channel.CodecAC3 && a.SampleRate != 0 && a.SampleRate != 48_000 {
		return fault.New(fault.Usage, "audio.sampleRate %d: MediaLive encodes AC-3 at 48000 only", a.SampleRate)
	}
	return nil
}

// fillAudio fills in the bit rate of 5.1, for which MediaLive's default is too low.
func fillAudio(a *channel.EncodeAudio) {
	if a.CodingMode == channel.CodingSurround && a.Bitrate == 0 {
		a.Bitrate = channel.UsualAudioBitrate(a.Codec, 6)
	}
}

// audioDescription returns the description of the audio; without settings it is copied.
func audioDescription(e *channel.Encode) types.AudioDescription {
	d := types.AudioDescription{Name: new(audioName), AudioSelectorName: new(selectorName)}
	putDefaults(&d, "audioTypeControl", "languageCodeControl")
	if e == nil {
		return d
	}
	put(&d, channel.AudioFields(), &e.Audio)
	if d.LanguageCode != nil {
		d.LanguageCodeControl = types.AudioDescriptionLanguageCodeControlUseConfigured
	}
	if e.Audio.LanguageCode == "fr" {
		d.StreamName = new("Francais") // As the original sample calls it.
	}
	d.CodecSettings = new(types.AudioCodecSettings)
	putAudio(settingsOf(d.CodecSettings, audioCodecs(), e.Audio.Codec).Interface(), e.Audio)
	return d
}

func audioCodecs() []codec {
	return []codec{
		{channel.CodecAAC, "aacSettings", ""},
		{channel.CodecAC3, "ac3Settings", ""},
		{channel.CodecMP2, "mp2Settings", ""},
	}
}

func putAudio(s any, a channel.EncodeAudio) {
	put(s, channel.AudioFields(), &a)
	switch s := s.(type) {
	case *types.AacSettings:
		putDefaults(s, "inputType", "profile", "rateControlMode", "rawFormat", "spec")
	case *types.Ac3Settings:
		if a.CodingMode == channel.CodingSurround {
			s.CodingMode = types.Ac3CodingModeCodingMode32Lfe // What AC-3 calls 5.1.
		}
	}
}
