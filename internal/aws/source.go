package aws

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/internal/fault"
)

// Media is what a source holds, as far as it could be read.
type Media struct {
	Container string // progressive MP4, fragmented MP4; empty where it is none
	Bytes     int64
	Video     []string // the codings: H.264 High@3.1 1280x720
	Audio     []string // AAC-LC 48000 Hz stereo
}

// CheckMedia says whether MediaLive plays what a source holds: an MP4 with
// AVC, HEVC or MPEG-2 and AAC.
func CheckMedia(m Media) []Check {
	name := "source"
	if m.Container == "" {
		return []Check{bad(fault.Media, name, "it is no MP4", "MediaLive's MP4_FILE input plays MP4 with H.264, HEVC or MPEG-2 and AAC")}
	}
	var checks []Check
	if len(m.Video) == 0 {
		checks = append(checks, bad(fault.Media, name, "it has no picture", "MediaLive needs a video track"))
	}
	for _, c := range m.Video {
		if !begins(c, "H.264", "AVC", "HEVC", "H.265", "MPEG-2") {
			checks = append(checks, bad(fault.Media, name, c+" is not among what MediaLive reads from an MP4", "encode it to H.264, HEVC or MPEG-2 first"))
		}
	}
	aac := len(m.Audio) == 0
	for _, c := range m.Audio {
		aac = aac || begins(c, "AAC", "HE-AAC")
	}
	if !aac {
		checks = append(checks, bad(fault.Media, name, "its sound is "+strings.Join(m.Audio, ", "), "MediaLive reads AAC from an MP4: encode it first"))
	}
	if m.Container == "fragmented MP4" {
		checks = append(checks, Check{Name: name, Result: Warning, Text: "it is a fragmented MP4, of which MediaLive's guide says nothing", Remedy: "write it anew with ffmpeg -i IN -c copy -movflags +faststart OUT.mp4 if it does not play"})
	}
	return checks
}

func begins(text string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// largest is what the CDK can upload as one asset: S3 takes 5 GB in one request.
const largest = 5_000_000_000

// CheckSource says whether MediaLive can fetch a source of that name and size;
// what it holds is for CheckMedia.
func (a *Account) CheckSource(ctx context.Context, source string, bytes int64) []Check {
	scheme, rest, ok := strings.Cut(source, "://")
	switch scheme = strings.ToLower(scheme); {
	case !ok && bytes > largest:
		return []Check{bad(fault.Source, "source", fmt.Sprintf("%d bytes are more than the 5 GB that a deployment uploads", bytes), "put it into a bucket of yours and deploy s3ssl://bucket/key")}
	case !ok:
		return []Check{good("source", "a file of this machine: it goes into a bucket of the deployment")}
	case scheme == "s3", scheme == "s3ssl":
		bucket, _, _ := strings.Cut(rest, "/")
		return a.checkBucket(ctx, bucket)
	case scheme == "https":
		return []Check{checkHost(source)}
	}
	return []Check{bad(fault.Source, "source", scheme+":// is not encrypted", "give an https:// or s3ssl:// URL, or a file of this machine")}
}

// checkHost says whether MediaLive can reach the host of a URL.
func checkHost(source string) Check {
	u, err := url.Parse(source)
	if err != nil || u.Hostname() == "" {
		return bad(fault.Usage, "source", "it is no URL", "write https://host/path.mp4")
	}
	if u.RawQuery != "" {
		return Check{Name: "source", Result: Warning, Text: "its URL has a query, which may hold a signature that expires", Remedy: "MediaLive asks for it again at every start"}
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && (addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()) {
		return bad(fault.Source, "source", u.Hostname()+" is not reached from AWS", "put the file into a bucket, or deploy it from here as a path")
	}
	return good("source", "MediaLive fetches it from "+u.Hostname())
}

func (a *Account) checkBucket(ctx context.Context, bucket string) []Check {
	if strings.Contains(bucket, ".") {
		return []Check{bad(fault.Source, "source", "MediaLive takes no bucket whose name has dots, as "+bucket, "copy it into a bucket without dots")}
	}
	out, err := a.Buckets.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if err != nil {
		switch troubleOf(err) {
		case denied:
			return []Check{{Name: "source", Result: Skipped, Text: "the region of bucket " + bucket + " is not told to this identity"}}
		case absent:
			return []Check{bad(fault.Source, "source", "there is no bucket "+bucket, "check its name")}
		case expired, invalid, missing, conflict, throttled, unreachable, interrupted, refused:
		}
		if statusOf(err) == 301 || statusOf(err) == 400 {
			return []Check{elsewhere(bucket, "another region", a.Region)}
		}
		return []Check{FailedCheck("source", a.fault("asking for bucket "+bucket, err))}
	}
	if region := sdk.ToString(out.BucketRegion); region != "" && region != a.Region {
		return []Check{elsewhere(bucket, region, a.Region)}
	}
	return []Check{good("source", "bucket "+bucket+" is in "+a.Region)}
}

func elsewhere(bucket, region, here string) Check {
	return Check{Name: "source", Result: Warning, Text: fmt.Sprintf("bucket %s is in %s and the channel in %s: transfer between regions is charged", bucket, region, here), Remedy: "copy it into a bucket there, if it is to run for long"}
}
