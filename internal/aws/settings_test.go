package aws

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

func TestSettingsThatMediaLiveTakes(t *testing.T) {
	lines := func(height int, numerator int64) Media {
		return Media{Codec: "AVC", Pictures: medialive.Pictures{Width: height * 16 / 9, Height: height, FramerateNumerator: numerator, FramerateDenominator: min(1, numerator)}}
	}
	hd := lines(1080, 25)
	for _, c := range []struct {
		source, encode string
		m              Media
		want           string // nothing where there is nothing to say
	}{
		{"/movie.mp4", "", hd, ""},
		{"/movie.mp4", "avc", hd, ""},
		{"s3://b/movie.mp4", "hevc,framerate=25", hd, ""},
		{"/movie.mp4", "hevc", hd, ""},
		{"/movie.mp4", "mpeg2", lines(576, 25), "AWS's guide lists MPEG-2"},
		{"/movie.mp4", "hevc", lines(1080, 0), "encode: MediaLive encodes HEVC at a frame rate that is given: add framerate=25"},
		{"/movie.mp4", "avc", lines(1080, 0), ""},
		{"/movie.mp4", "avc", lines(1080, 120), "encode: framerate 120: MediaLive encodes 60 pictures a second at most: give framerate=60 or less"},
		{"/movie.mp4", "avc,framerate=60", lines(1080, 120), ""},
		{"s3://my.bucket/movie.mp4", "", hd, "source: the bucket my.bucket has a dot"},
		{"/movie.mp4", "mpeg2,framerate=25", hd, "the source's height 1080: MediaLive encodes MPEG-2 in SD alone"},
		{"/movie.mp4", "mpeg2,framerate=25", lines(576, 25), "AWS's guide lists MPEG-2 for outputs to Multiplex"},
		{"/movie.mp4", "avc", lines(4320, 25), "the source's height 4320: MediaLive encodes 2160 lines at most"},
	} {
		s := channel.Default()
		s.Source, s.To = c.source, []channel.Destination{{Scheme: "rtp", Host: "203.0.113.7", Port: 5000}}
		if c.encode != "" {
			if err := s.Set("encode", c.encode); err != nil {
				t.Fatal(err)
			}
		}
		s = Fit(s, c.m)
		checks := append(CheckSettings(s), CheckEncoder(s, c.m)...)
		switch {
		case c.want == "" && len(checks) > 0:
			t.Errorf("%s %s: %+v", c.source, c.encode, checks)
		case c.want != "" && (len(checks) == 0 || !strings.HasPrefix(checks[0].Text, c.want)):
			t.Errorf("%s %s: %+v", c.source, c.encode, checks)
		}
	}
}
