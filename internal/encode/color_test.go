package encode

import "testing"

func TestPixelFormats(t *testing.T) {
	for format, want := range map[string]struct {
		depth           int
		alpha, rgb, all bool // all: full range
	}{
		"yuv420p":      {8, false, false, false},
		"yuvj420p":     {8, false, false, true},
		"yuv420p10le":  {10, false, false, false},
		"p010le":       {10, false, false, false},
		"yuva444p12le": {12, true, false, false},
		"rgb24":        {8, false, true, false},
		"rgb48le":      {16, false, true, false},
		"rgb565le":     {8, false, true, false},
		"gbrapf32le":   {16, true, true, false},
		"bgra":         {8, true, true, false},
		"pal8":         {8, true, true, false},
		"gray":         {8, false, false, true},
		"gray16be":     {16, false, false, true},
	} {
		v := videoInfo{format: format}
		if depth(format) != want.depth || v.hasAlpha() != want.alpha || v.isRGB() != want.rgb || v.fullRange() != want.all {
			t.Errorf("%s: depth %d, alpha %v, RGB %v, full range %v", format, depth(format), v.hasAlpha(), v.isRGB(), v.fullRange())
		}
	}
}
