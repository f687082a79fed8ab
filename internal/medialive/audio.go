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
	d.CodecSettings = audioCodec(e.Audio)
	return d
}

func audioCodec(a channel.EncodeAudio) *types.AudioCodecSettings {
	switch a.Codec {
	case channel.CodecAC3:
		c := new(types.Ac3Settings)
		put(c, channel.AudioFields(), &a)
		if a.CodingMode == channel.CodingSurround {
			c.CodingMode = types.Ac3CodingModeCodingMode32Lfe // What AC-3 calls 5.1.
		}
		return &types.AudioCodecSettings{Ac3Settings: c}
	case channel.CodecMP2:
		c := new(types.Mp2Settings)
		put(c, channel.AudioFields(), &a)
		return &types.AudioCodecSettings{Mp2Settings: c}
	}
	c := new(types.AacSettings)
	putDefaults(c, "inputType", "profile", "rateControlMode", "rawFormat", "spec")
	put(c, channel.AudioFields(), &a)
	return &types.AudioCodecSettings{AacSettings: c}
}
