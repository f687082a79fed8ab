package aws

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/medialive"
)

// Media describes the content of a source.
type Media struct {
	Container string // progressive MP4, fragmented MP4, or empty
	Bytes     int64
	Video     []string // codings, such as H.264 High@3.1 1280x720
	Audio     []string // such as AAC-LC 48000 Hz stereo
	// Of the video that MediaLive plays.
	Codec    string             // AVC, HEVC or MPEG2, empty for others
	Pictures medialive.Pictures // without a frame rate if it is variable
	BitRate  int64              // of all tracks in their busiest second, in bit/s
}

// InputSpecification returns what the source needs of a channel, empty for a source
// without video that MediaLive decodes.
func (m Media) InputSpecification() channel.InputSpecification {
	if m.Codec == "" {
		return channel.InputSpecification{}
	}
	return channel.InputSpecification{
		Codec: m.Codec, Resolution: channel.ResolutionOf(m.Pictures.Height), MaximumBitrate: channel.InputBitrateOf(m.BitRate),
	}
}

// CheckMedia checks that MediaLive can decode a source: an MP4 with H.264, HEVC
// or MPEG-2 and AAC.
func CheckMedia(m Media) []Check {
	name := "source"
	if m.Container == "" {
		return []Check{bad(fault.Media, name, "it is not an MP4", "MediaLive's MP4_FILE input plays MP4 with H.264, HEVC or MPEG-2 and AAC: add --encode-here avc")}
	}
	var checks []Check
	if len(m.Video) == 0 {
		checks = append(checks, bad(fault.Media, name, "it has no video", "MediaLive needs a video track"))
	}
	for _, c := range m.Video {
		if !begins(c, "H.264", "AVC", "HEVC", "H.265", "MPEG-2") {
			checks = append(checks, bad(fault.Media, name, "MediaLive does not decode "+c+" from an MP4", "add --encode-here avc, which encodes it first"))
		}
	}
	if aac := func(c string) bool { return begins(c, "AAC", "HE-AAC") }; len(m.Audio) > 0 && !slices.ContainsFunc(m.Audio, aac) {
		checks = append(checks, bad(fault.Media, name, "its audio is "+strings.Join(m.Audio, ", "), "MediaLive decodes only AAC from an MP4: add --encode-here avc, which encodes it first"))
	}
	if most := channel.InputBitrates(); m.BitRate > most[len(most)-1].Most {
		checks = append(checks, Check{
			Name: name, Result: Warning, Text: fmt.Sprintf("it has %.0f Mb/s in its busiest second, and MediaLive's inputs have 50 Mb/s at most", float64(m.BitRate)/1e6),
			Remedy: "if it stutters, add --encode-here avc,maxBitrate=40M",
		})
	}
	if len(m.Video) > 0 && m.Pictures.FramerateNumerator == 0 {
		checks = append(checks, Check{
			Name: name, Result: Warning, Text: "its frame rate is variable, and MediaLive supports constant rates alone",
			Remedy: "if it stutters, add --encode-here avc",
		})
	}
	if m.Container == "fragmented MP4" {
		checks = append(checks, Check{Name: name, Result: Warning, Text: "it is a fragmented MP4, which MediaLive does not document", Remedy: "if it does not play, rewrite it with ffmpeg -i IN -c copy -movflags +faststart OUT.mp4"})
	}
	return checks
}

func begins(text string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) })
}

// Bucket returns the bucket of a source that is an object of S3, empty for others.
func Bucket(source string) string {
	scheme, rest, _ := strings.Cut(source, "://")
	if scheme = strings.ToLower(scheme); scheme != "s3" && scheme != "s3ssl" {
		return ""
	}
	bucket, _, _ := strings.Cut(rest, "/")
	return bucket
}

// CheckSource checks that MediaLive can fetch a source of that name.
// [Account.CheckBucket] looks at buckets.
func CheckSource(source string) Check {
	scheme, _, ok := strings.Cut(source, "://")
	switch scheme = strings.ToLower(scheme); {
	case !ok:
		return good("source", "a local file, which is uploaded to a bucket of the deployment")
	case scheme == "https":
		return checkHost(source)
	}
	return bad(fault.Source, "source", scheme+":// is not encrypted", "give an https:// or s3ssl:// URL, or a local file")
}

// checkHost checks that MediaLive can reach the host of a URL.
func checkHost(source string) Check {
	u, err := url.Parse(source)
	if err != nil || u.Hostname() == "" {
		return bad(fault.Usage, "source", "it is not a URL", "write https://host/path.mp4")
	}
	if u.RawQuery != "" {
		return Check{Name: "source", Result: Warning, Text: "its URL has a query, which may hold a signature that expires", Remedy: "MediaLive requests it again at every start"}
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && (addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()) {
		return bad(fault.Source, "source", u.Hostname()+" cannot be reached from AWS", "copy the file to a bucket, or deploy it by its path")
	}
	return good("source", "MediaLive fetches it from "+u.Hostname())
}

// CheckBucket checks that the bucket of a source exists, and where.
func (a *Account) CheckBucket(ctx context.Context, bucket string) Check {
	if strings.Contains(bucket, ".") {
		return bad(fault.Source, "source", "MediaLive cannot read buckets with dots in their names, such as "+bucket, "copy it to a bucket without dots")
	}
	out, err := a.Buckets.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if err != nil {
		switch status := awserr.StatusOf(err); {
		case awserr.KindOf(err) == awserr.Denied:
			return Check{Name: "source", Result: Skipped, Text: "this identity may not read the region of bucket " + bucket}
		case awserr.KindOf(err) == awserr.NotFound:
			return bad(fault.Source, "source", "there is no bucket "+bucket, "check its name")
		case status == http.StatusMovedPermanently, status == http.StatusBadRequest:
			return elsewhere(bucket, "another region", a.Region)
		}
		return FailedCheck("source", a.fault("looking up bucket "+bucket, err))
	}
	if region := sdk.ToString(out.BucketRegion); region != "" && region != a.Region {
		return elsewhere(bucket, region, a.Region)
	}
	return good("source", "bucket "+bucket+" is in "+a.Region)
}

func elsewhere(bucket, region, here string) Check {
	return Check{Name: "source", Result: Warning, Text: fmt.Sprintf("bucket %s is in %s and the channel in %s: AWS charges transfer between regions", bucket, region, here), Remedy: "copy it to a bucket there, if it will run for long"}
}
