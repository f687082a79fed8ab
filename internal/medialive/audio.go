package medialive

import (
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// checkAudio refuses what runs here and cannot be said to MediaLive.
func checkAudio(a channel.EncodeAudio) error {
	if a.Codec == channel.CodecAC3 && a.SampleRate != 0 && a.SampleRate != 48_000 {
		return fault.New(fault.Usage, "audio.sampleRate %d: MediaLive encodes AC-3 at 48000 only", a.SampleRate)
	}
	return nil
}

// audioDescription describes the sound; without settings it is copied.
func audioDescription(e *channel.Encode) types.AudioDescription {
	d := types.AudioDescription{
		Name: new(audioName), AudioSelectorName: new(selectorName),
		AudioTypeControl:    types.AudioDescriptionAudioTypeControlFollowInput,
		LanguageCodeControl: types.AudioDescriptionLanguageCodeControlFollowInput,
	}
	if e == nil {
		return d
	}
	if e.Audio.LanguageCode != "" {
		d.LanguageCodeControl, d.LanguageCode = types.AudioDescriptionLanguageCodeControlUseConfigured, new(e.Audio.LanguageCode)
	}
	if e.Audio.LanguageCode == "fr" {
		d.StreamName = new("Francais") // As the original sample calls it.
	}
	d.CodecSettings = audioCodec(e.Audio)
	return d
}

func audioCodec(a channel.EncodeAudio) *types.AudioCodecSettings {
	bits, hertz := decimal(a.Bitrate), decimal(int64(a.SampleRate))
	switch a.Codec {
	case channel.CodecAC3:
		return &types.AudioCodecSettings{Ac3Settings: &types.Ac3Settings{Bitrate: bits, CodingMode: types.Ac3CodingMode(ac3Mode(a.CodingMode))}}
	case channel.CodecMP2:
		return &types.AudioCodecSettings{Mp2Settings: &types.Mp2Settings{
			Bitrate: bits, SampleRate: hertz, CodingMode: types.Mp2CodingMode(a.CodingMode),
		}}
	}
	return &types.AudioCodecSettings{AacSettings: &types.AacSettings{
		Bitrate: bits, SampleRate: hertz, CodingMode: types.AacCodingMode(a.CodingMode),
		InputType: types.AacInputTypeNormal, Profile: types.AacProfileLc, RateControlMode: types.AacRateControlModeCbr,
		RawFormat: types.AacRawFormatNone, Spec: types.AacSpecMpeg4,
	}}
}

// ac3Mode returns a coding mode in the words of AC-3, whose 5.1 is 3/2 and LFE.
func ac3Mode(mode string) string {
	if mode == channel.CodingSurround {
		return string(types.Ac3CodingModeCodingMode32Lfe)
	}
	return mode
}

// decimal returns a number as MediaLive has those of sound, nil for one that was not given.
func decimal(n int64) *float64 {
	if n == 0 {
		return nil
	}
	return new(float64(n))
}
