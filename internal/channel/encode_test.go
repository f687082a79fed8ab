package channel

import "testing"

// TestSettingsFollow: what the preset lilo says and the settings given rule out is dropped.
func TestSettingsFollow(t *testing.T) {
	other := func(codec string) func(*Encode) {
		return func(e *Encode) {
			e.Video.Codec, e.Video.Profile, e.Video.NumRefFrames, e.Video.EntropyEncoding = codec, "", 0, EntropyCABAC
		}
	}
	for how, change := range map[string]func(*Encode){
		"maxBitrate=8M":         func(e *Encode) { e.Video.RateControlMode, e.Video.Bitrate, e.Video.MaxBitrate = RateQVBR, 0, 8_000_000 },
		"rateControlMode=QVBR":  func(e *Encode) { e.Video.RateControlMode, e.Video.Bitrate = RateQVBR, 0 },
		"rateControlMode=VBR":   func(e *Encode) { e.Video.RateControlMode = RateVBR },
		"codec=AVC":             func(e *Encode) { e.Video.Profile = "" },
		"codec=HEVC":            other(CodecHEVC),
		"codec=HEVC,bitrate=5M": func(e *Encode) { other(CodecHEVC)(e); e.Video.Bitrate = 5_000_000 },
		"codec=MPEG2": func(e *Encode) {
			other(CodecMPEG2)(e)
			e.Video.SceneChangeDetect, e.Video.RateControlMode, e.Video.Bitrate = Disabled, RateQVBR, 0
		},
		"codec=MPEG2,bitrate=9M": func(e *Encode) {
			other(CodecMPEG2)(e)
			e.Video.SceneChangeDetect, e.Video.Bitrate = Disabled, 9_000_000
		},
		"audio.codingMode=5_1":               func(e *Encode) { e.Audio.CodingMode, e.Audio.Bitrate = CodingSurround, 0 },
		"audio.codec=AC3":                    func(e *Encode) { e.Audio.Codec, e.Audio.Bitrate = CodecAC3, 0 },
		"audio.codec=AC3,audio.bitrate=256k": func(e *Encode) { e.Audio.Codec, e.Audio.Bitrate = CodecAC3, 256_000 },
	} {
		var s Spec
		if err := s.Set("encode", "lilo,"+how); err != nil {
			t.Errorf("%s: %v", how, err)
			continue
		}
		want, _ := Preset("lilo")
		if change(&want); *s.Encode != want {
			t.Errorf("%s: got %+v, want %+v", how, *s.Encode, want)
		}
	}
}
