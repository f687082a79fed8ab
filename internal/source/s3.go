package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/lilo-live/lilo/internal/fault"
)

// usualRegion is asked where no region is configured: it knows of all buckets.
const usualRegion = "us-east-1"

// bucketObject is an object in an S3 bucket.
type bucketObject struct {
	bucket, keyName string
	config          aws.Config
	region          string // where the bucket is, as far as is known
	alone           error  // why there are no credentials; nil where there are
	client          *s3.Client
}

func openS3(ctx context.Context, name string, opts Options) (Source, error) {
	o, err := newBucketObject(ctx, name)
	if err != nil {
		return nil, err
	}
	return openRemote(ctx, o, opts, usualPatience())
}

// newBucketObject reads the name and the user's configuration. Where no
// credentials are found the bucket is asked without.
func newBucketObject(ctx context.Context, name string) (*bucketObject, error) {
	o, err := parseS3(name)
	if err != nil {
		return nil, err
	}
	o.config, err = config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fault.New(fault.Source, "%s: the AWS configuration cannot be read: %s", o.name(), printable(err.Error()))
	}
	if o.config.Credentials != nil {
		_, o.alone = o.config.Credentials.Retrieve(ctx)
	}
	if o.config.Credentials == nil || o.alone != nil {
		o.config.Credentials = aws.AnonymousCredentials{}
	}
	o.connect(cmp.Or(o.config.Region, usualRegion))
	return o, nil
}

// parseS3 reads s3://bucket/key, and s3ssl:// as MediaLive writes it. The key
// stands as it is, with nothing escaped.
func parseS3(name string) (*bucketObject, error) {
	_, rest, _ := strings.Cut(name, "://")
	bucket, key, _ := strings.Cut(rest, "/")
	// The rules for bucket names, but for those that only new ones keep.
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).MatchString(bucket) || strings.Contains(bucket, "..") {
		return nil, fault.New(fault.Usage, "%s: %q is no name of a bucket: it has 3 to 63 of a-z, 0-9, . and -; write s3://bucket/key", name, bucket)
	}
	if key == "" {
		return nil, fault.New(fault.Usage, "%s names a bucket and no object: write s3://bucket/key", name)
	}
	return &bucketObject{bucket: bucket, keyName: key}, nil
}

// connect makes a client for a region. A store that is not AWS's is asked by
// path: it seldom has a host name for each bucket. Tries are the fetcher's.
func (o *bucketObject) connect(region string) {
	o.region = region
	o.client = s3.NewFromConfig(o.config, func(c *s3.Options) {
		c.Region = region
		c.UsePathStyle = c.BaseEndpoint != nil
		c.RetryMaxAttempts = 1
		c.Retryer = aws.NopRetryer{}
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		c.Logger = logging.Nop{}
	})
}

func (o *bucketObject) name() string { return "s3://" + o.bucket + "/" + o.keyName }

// key tells objects of the same name at different stores apart.
func (o *bucketObject) key() string {
	return aws.ToString(o.client.Options().BaseEndpoint) + " " + o.name()
}

func (o *bucketObject) fetch(ctx context.Context, a ask) (*answer, error) {
	out, err := o.client.GetObject(ctx, o.request(a))
	if region := o.elsewhere(ctx, err); region != "" {
		o.connect(region)
		out, err = o.client.GetObject(ctx, o.request(a))
	}
	if err != nil {
		return nil, o.trouble(err, a)
	}
	got, err := answerOf(out, a)
	if err != nil {
		out.Body.Close()
		return nil, err
	}
	return got, nil
}

func (o *bucketObject) request(a ask) *s3.GetObjectInput {
	in := &s3.GetObjectInput{
		Bucket: &o.bucket, Key: &o.keyName, Range: aws.String(fmt.Sprintf("bytes=%d-%d", a.from, a.to-1)),
	}
	if a.unless.Tag != "" {
		in.IfNoneMatch = &a.unless.Tag
	} else if a.is.Tag != "" {
		in.IfMatch = &a.is.Tag
	}
	return in
}

func answerOf(out *s3.GetObjectOutput, a ask) (*answer, error) {
	length := int64(-1)
	if out.ContentLength != nil {
		length = *out.ContentLength
	}
	got := &answer{ReadCloser: out.Body, end: length, version: version{Tag: aws.ToString(out.ETag), Size: length}}
	if out.LastModified != nil {
		got.version.Modified = out.LastModified.UTC().Format(http.TimeFormat)
	}
	if out.ContentRange != nil {
		if err := got.part(*out.ContentRange, a); err != nil {
			return nil, err
		}
	}
	return got, got.check(a)
}

// elsewhere returns the region of the bucket if that is why the request failed,
// nothing otherwise. S3 tells the region with most refusals, and always when it
// is asked for the bucket.
func (o *bucketObject) elsewhere(ctx context.Context, err error) string {
	resp, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || o.client.Options().BaseEndpoint != nil {
		return ""
	}
	switch resp.HTTPStatusCode() {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest, http.StatusForbidden:
	default:
		return ""
	}
	region := regionOf(resp)
	if region == "" && resp.HTTPStatusCode() != http.StatusForbidden {
		region = o.ask(ctx)
	}
	if region == o.region {
		return ""
	}
	return region
}

func regionOf(r *awshttp.ResponseError) string {
	if r.Response == nil {
		return ""
	}
	return r.Response.Header.Get("X-Amz-Bucket-Region")
}

// ask asks for the region of the bucket.
func (o *bucketObject) ask(ctx context.Context) string {
	out, err := o.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &o.bucket})
	if err == nil {
		return aws.ToString(out.BucketRegion)
	}
	if resp, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return regionOf(resp)
	}
	return ""
}

// trouble says what an error of S3 means.
func (o *bucketObject) trouble(err error, a ask) error {
	resp, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || resp.Response == nil || resp.HTTPStatusCode() == 0 { // Nobody answered.
		if op, ok := errors.AsType[*smithy.OperationError](err); ok {
			err = op.Err
		}
		return unreached(err)
	}
	status, code := resp.HTTPStatusCode(), ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	answer := strings.TrimSpace(fmt.Sprintf("answers %d %s", status, printable(code)))
	switch {
	case status == http.StatusNotModified:
		return &trouble{same, "is as it was"}
	case status == http.StatusPreconditionFailed:
		return &trouble{changed, "was replaced in the bucket while it was fetched"}
	case status == http.StatusRequestedRangeNotSatisfiable:
		return beyond(resp.Response.Header.Get("Content-Range"), a)
	case code == "NoSuchBucket":
		return &trouble{refused, answer + ": there is no bucket of that name; check it"}
	case status == http.StatusNotFound:
		return gone(a, answer)
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return &trouble{passing, answer + ": the store cannot serve it now; try again later"}
	}
	return &trouble{refused, answer + ": " + o.hint(code)}
}

// hint says what to do about a refusal.
func (o *bucketObject) hint(code string) string {
	switch code {
	case "ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException":
		return "the credentials have expired; get new ones, with aws sso login say"
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthorizationHeaderMalformed":
		return "the credentials are not valid there; check them with aws sts get-caller-identity"
	case "RequestTimeTooSkewed":
		return "the clock of this machine is wrong; set it"
	case "InvalidObjectState":
		return "it is archived; restore it first, with aws s3api restore-object"
	}
	if o.alone != nil {
		return "it is not public, and there are no credentials (" + printable(o.alone.Error()) + "); set AWS_PROFILE, or log in"
	}
	return "the credentials do not allow s3:GetObject on it"
}
