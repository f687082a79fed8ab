package aws

import (
	"context"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
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
		{"fragments", Media{Container: "fragmented MP4", Video: []string{"H.264 x"}}, "it is a fragmented MP4"},
	}
	for _, c := range cases {
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
	a := &Account{Region: "eu-west-1"}
	for source, want := range map[string]Result{
		"/movie.mp4": OK, "https://host.example/movie.mp4": OK, "https://10.0.0.1/movie.mp4": Failing, "https://localhost/a.mp4": Failing,
		"https://host.example/movie.mp4?sig=1": Warning, "http://host.example/movie.mp4": Failing, "s3://my.bucket/movie.mp4": Failing,
		"s3ssl://my.bucket/movie.mp4": Failing,
	} {
		if got := a.CheckSource(t.Context(), source, 1); len(got) != 1 || got[0].Result != want {
			t.Errorf("%s: %+v", source, got)
		}
	}
	if got := a.CheckSource(t.Context(), "/movie.mp4", 6_000_000_000); got[0].Result != Failing {
		t.Errorf("6 GB: %+v", got)
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
		got := a.CheckSource(t.Context(), "s3ssl://b/movie.mp4", 1)
		if len(got) != 1 || got[0].Result != c.result || !strings.HasPrefix(got[0].Text, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
