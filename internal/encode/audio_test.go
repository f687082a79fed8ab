package encode

import (
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

// TestLanguage prefers the language of the settings to that of the source.
func TestLanguage(t *testing.T) {
	for _, c := range []struct{ set, source, want string }{
		{"", "fra", "fra"}, {"de", "fra", "deu"}, {"deu", "", "deu"}, {"zz", "fra", "und"}, {"", "", ""},
	} {
		a := audioEncoder{builder: &builder{plan: &plan{audio: channel.EncodeAudio{LanguageCode: c.set}}}, in: &audioInfo{language: c.source}}
		if got := a.language(); got != c.want {
			t.Errorf("%q set, %q in the source: %q, want %q", c.set, c.source, got, c.want)
		}
	}
}

// TestAudioLayout checks the arithmetic of laps of every codec and length.
func TestAudioLayout(t *testing.T) {
	for _, codec := range []string{channel.CodecAAC, channel.CodecAC3, channel.CodecMP2} {
		for length := 8.0 * 1536; length < 3e6; length = length*1.37 + 0.3 {
			l := newAudioLayout(codec, length, 48_000, false)
			if l.head+l.body+l.tail != l.units || l.head < 1 || l.body < 0 || l.tail < 1 || l.guard >= l.tail {
				t.Errorf("%s, %f samples: %+v", codec, length, l)
			}
			if rest := length - float64(l.units*l.unitSamples); rest < 0 || rest >= float64(l.unitSamples) || l.exact != (rest == 0) {
				t.Errorf("%s, %f samples: %d units leave %f", codec, length, l.units, rest)
			}
		}
		l := newAudioLayout(codec, 480*1536, 48_000, false)
		if !l.exact && codec != channel.CodecMP2 {
			t.Errorf("%s: %+v is not exact", codec, l)
		}
		if _, delay := codecTiming(codec); l.padding+delay != l.firstUnit*l.unitSamples || l.padding >= l.unitSamples {
			t.Errorf("%s: a padding of %d samples, unit %d", codec, l.padding, l.firstUnit)
		}
	}
}
