package aws

import (
	"context"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive"
)

func TestMediaThatMediaLivePlays(t *testing.T) {
	cases := []struct {
		name string
		m    Media
		want string // nothing where there is nothing to say
	}{
		{"H.264 and AAC", Media{Container: "progressive MP4", Video: []string{"H.264 High@4 1920x1080"}, Audio: []string{"AAC-LC 48000 Hz stereo"}}, ""},
		{"HEVC alone", Media{Container: "progressive MP4", Video: []string{"HEVC Main@4 1920x1080"}}, ""},
		{"MPEG-2 and HE-AAC beside AC-3", Media{Container: "progressive MP4", Video: []string{"MPEG-2 Main@High 1920x1080"}, Audio: []string{"AC-3 5.1", "HE-AAC 48000 Hz stereo"}}, ""},
		{"AC-3 alone", Media{Container: "progressive MP4", Video: []string{"H.264 x"}, Audio: []string{"AC-3 48000 Hz 5.1"}}, "its audio is AC-3 48000 Hz 5.1"},
		{"MPEG-1", Media{Container: "progressive MP4", Video: []string{"MPEG-1 352x288"}}, "MediaLive does not decode MPEG-1 352x288"},
		{"no video", Media{Container: "progressive MP4", Audio: []string{"AAC-LC"}}, "it has no video"},
		{"no MP4", Media{}, "it is not an MP4"},
		{"more than 50 Mb/s", Media{Container: "progressive MP4", Video: []string{"H.264 x"}, BitRate: 62_000_000}, "it has 62 Mb/s in its busiest second"},
		{"variable frame rate", Media{Container: "progressive MP4", Video: []string{"H.264 x"}}, "its frame rate is variable"},
		{"fragments", Media{Container: "fragmented MP4", Video: []string{"H.264 x"}}, "it is a fragmented MP4"},
	}
	for _, c := range cases {
		if !strings.Contains(c.name, "variable") {
			c.m.Pictures.FramerateNumerator, c.m.Pictures.FramerateDenominator = 25, 1
		}
		checks := CheckMedia(c.m)
		switch {
		case c.want == "" && len(checks) > 0:
			t.Errorf("%s: %+v", c.name, checks)
		case c.want != "" && (len(checks) != 1 || !strings.HasPrefix(checks[0].Text, c.want)):
			t.Errorf("%s: %+v", c.name, checks)
		}
	}
}

func TestSourcesThatMediaLiveFetches(t *testing.T) {
	for source, want := range map[string]Result{
		"/movie.mp4": OK, "https://host.example/movie.mp4": OK, "https://10.0.0.1/movie.mp4": Failing, "https://localhost/a.mp4": Failing,
		"https://host.example/movie.mp4?sig=1": Warning, "http://host.example/movie.mp4": Failing,
	} {
		if got := CheckSource(source); got.Result != want {
			t.Errorf("%s: %+v", source, got)
		}
	}
}

// buckets is S3 with one bucket.
type buckets struct {
	region string
	err    error
}

func (b buckets) HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	if b.err != nil {
		return nil, b.err
	}
	return &s3.HeadBucketOutput{BucketRegion: sdk.String(b.region)}, nil
}

func TestSourceInABucket(t *testing.T) {
	for name, c := range map[string]struct {
		bucket buckets
		result Result
		want   string
	}{
		"here":           {buckets{region: "eu-west-1"}, OK, "bucket b is in eu-west-1"},
		"region unknown": {buckets{}, OK, "bucket b is in eu-west-1"},
		"in another":     {buckets{region: "us-east-1"}, Warning, "bucket b is in us-east-1 and the channel in eu-west-1"},
		"redirected":     {buckets{err: answer(301, "", "")}, Warning, "bucket b is in another region"},
		"denied":         {buckets{err: answer(403, "Forbidden", "")}, Skipped, "this identity may not read"},
		"does not exist": {buckets{err: answer(404, "NotFound", "")}, Failing, "there is no bucket b"},
		"out of order":   {buckets{err: answer(500, "InternalError", "x")}, Failing, "AWS is busy while looking up bucket b"},
	} {
		a := &Account{Region: "eu-west-1", Buckets: c.bucket}
		got := a.CheckBucket(t.Context(), Bucket("s3ssl://b/movie.mp4"))
		if got.Result != c.result || !strings.HasPrefix(got.Text, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := new(Account).CheckBucket(t.Context(), Bucket("s3://my.bucket/movie.mp4")); got.Result != Failing {
		t.Errorf("a bucket with a dot: %+v", got)
	}
	for _, source := range []string{"/movie.mp4", "https://host.example/movie.mp4"} {
		if got := Bucket(source); got != "" {
			t.Errorf("%s is in bucket %s", source, got)
		}
	}
}

func TestInputSpecificationOfASource(t *testing.T) {
	for _, c := range []struct {
		m    Media
		want channel.InputSpecification
	}{
		{Media{Codec: "AVC", Pictures: medialive.Pictures{Height: 1080}, BitRate: 10_000_000}, channel.InputSpecification{Codec: "AVC", Resolution: "HD", MaximumBitrate: "MAX_10_MBPS"}},
		{Media{Codec: "HEVC", Pictures: medialive.Pictures{Height: 2160}, BitRate: 10_000_001}, channel.InputSpecification{Codec: "HEVC", Resolution: "UHD", MaximumBitrate: "MAX_20_MBPS"}},
		{Media{Codec: "MPEG2", Pictures: medialive.Pictures{Height: 576}, BitRate: 20_000_001}, channel.InputSpecification{Codec: "MPEG2", Resolution: "SD", MaximumBitrate: "MAX_50_MBPS"}},
		{Media{Codec: "AVC", Pictures: medialive.Pictures{Height: 719}}, channel.InputSpecification{Codec: "AVC", Resolution: "SD", MaximumBitrate: "MAX_10_MBPS"}},
		{Media{Codec: "AVC", Pictures: medialive.Pictures{Height: 1081}}, channel.InputSpecification{Codec: "AVC", Resolution: "UHD", MaximumBitrate: "MAX_10_MBPS"}},
		{Media{Codec: "AVC", Pictures: medialive.Pictures{Height: 720}, BitRate: 60_000_000}, channel.InputSpecification{Codec: "AVC", Resolution: "HD", MaximumBitrate: "MAX_50_MBPS"}},
		{Media{Pictures: medialive.Pictures{Height: 1080}, BitRate: 10_000_000}, channel.InputSpecification{}}, // MediaLive does not decode it.
	} {
		if got := c.m.InputSpecification(); got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.m, got, c.want)
		}
	}
}
