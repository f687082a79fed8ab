package aws

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

func TestSettingsThatMediaLiveTakes(t *testing.T) {
	hd := Media{Codec: "AVC", Height: 1080}
	for _, c := range []struct {
		source, encode string
		m              Media
		want           string // nothing where there is nothing to say
	}{
		{"/movie.mp4", "", hd, ""},
		{"/movie.mp4", "avc", hd, ""},
		{"s3://b/movie.mp4", "hevc,framerate=25", hd, ""},
		{"/movie.mp4", "hevc", hd, "encode: MediaLive encodes HEVC at a frame rate that is given"},
		{"s3://my.bucket/movie.mp4", "", hd, "source: the bucket my.bucket has a dot"},
		{"/movie.mp4", "mpeg2,framerate=25", hd, "the source's height 1080: MediaLive encodes MPEG-2 in SD alone"},
		{"/movie.mp4", "mpeg2,framerate=25", Media{Height: 576}, "AWS's guide lists MPEG-2 for outputs to Multiplex"},
		{"/movie.mp4", "avc", Media{Height: 4320}, "the source's height 4320: MediaLive encodes 2160 lines at most"},
	} {
		s := channel.Default()
		s.Source, s.To = c.source, []channel.Destination{{Scheme: "rtp", Host: "203.0.113.7", Port: 5000}}
		if c.encode != "" {
			if err := s.Set("encode", c.encode); err != nil {
				t.Fatal(err)
			}
		}
		checks := append(CheckSettings(s), CheckEncoder(s, c.m)...)
		switch {
		case c.want == "" && len(checks) > 0:
			t.Errorf("%s %s: %+v", c.source, c.encode, checks)
		case c.want != "" && (len(checks) == 0 || !strings.HasPrefix(checks[0].Text, c.want)):
			t.Errorf("%s %s: %+v", c.source, c.encode, checks)
		}
	}
}
