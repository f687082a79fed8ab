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

// defaultRegion is asked if no region is configured: it knows all buckets.
const defaultRegion = "us-east-1"

// s3Object is an object in an S3 bucket.
type s3Object struct {
	bucket, keyName string
	config          aws.Config
	region          string // of the bucket, as far as is known
	credentialsErr  error  // why there are no credentials, nil if there are
	client          *s3.Client
}

// newS3Object parses the name and loads the user's AWS configuration. Without
// credentials, requests are anonymous.
func newS3Object(ctx context.Context, name string) (*s3Object, error) {
	o, err := parseS3(name)
	if err != nil {
		return nil, err
	}
	o.config, err = config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fault.New(fault.Source, "%s: the AWS configuration cannot be read: %s", o.name(), printable(err.Error()))
	}
	if o.config.Credentials != nil {
		_, o.credentialsErr = o.config.Credentials.Retrieve(ctx)
	}
	if o.config.Credentials == nil || o.credentialsErr != nil {
		o.config.Credentials = aws.AnonymousCredentials{}
	}
	o.connect(cmp.Or(o.config.Region, defaultRegion))
	return o, nil
}

// parseS3 parses s3://bucket/key, or s3ssl:// as MediaLive writes it. Nothing in
// the key is escaped.
func parseS3(name string) (*s3Object, error) {
	_, rest, _ := strings.Cut(name, "://")
	bucket, key, _ := strings.Cut(rest, "/")
	// The rules for bucket names, except for those that only apply to new ones.
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).MatchString(bucket) || strings.Contains(bucket, "..") {
		return nil, fault.New(fault.Usage, "%s: %q is not a bucket name: it has 3 to 63 of a-z, 0-9, . and -; write s3://bucket/key", name, bucket)
	}
	if key == "" {
		return nil, fault.New(fault.Usage, "%s names a bucket and no object: write s3://bucket/key", name)
	}
	return &s3Object{bucket: bucket, keyName: key}, nil
}

// connect creates a client for a region. A store that is not AWS is addressed by
// path, because it rarely has a host name for each bucket. The fetcher retries.
func (o *s3Object) connect(region string) {
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

func (o *s3Object) name() string { return "s3://" + o.bucket + "/" + o.keyName }

// key differs for objects of the same name in different stores.
func (o *s3Object) key() string {
	return aws.ToString(o.client.Options().BaseEndpoint) + " " + o.name()
}

func (o *s3Object) fetch(ctx context.Context, r request) (*response, error) {
	out, err := o.client.GetObject(ctx, o.input(r))
	if region := o.otherRegion(ctx, err); region != "" {
		o.connect(region)
		out, err = o.client.GetObject(ctx, o.input(r))
	}
	if err != nil {
		return nil, o.fetchError(err, r)
	}
	got, err := s3Response(out, r)
	if err != nil {
		out.Body.Close()
		return nil, err
	}
	return got, nil
}

func (o *s3Object) input(r request) *s3.GetObjectInput {
	in := &s3.GetObjectInput{
		Bucket: &o.bucket, Key: &o.keyName, Range: aws.String(fmt.Sprintf("bytes=%d-%d", r.from, r.to-1)),
	}
	if r.noneMatch.Tag != "" {
		in.IfNoneMatch = &r.noneMatch.Tag
	} else if r.match.Tag != "" {
		in.IfMatch = &r.match.Tag
	}
	return in
}

func s3Response(out *s3.GetObjectOutput, r request) (*response, error) {
	length := int64(-1)
	if out.ContentLength != nil {
		length = *out.ContentLength
	}
	got := &response{ReadCloser: out.Body, end: length, version: version{Tag: aws.ToString(out.ETag), Size: length}}
	if out.LastModified != nil {
		got.version.Modified = out.LastModified.UTC().Format(http.TimeFormat)
	}
	if out.ContentRange != nil {
		if err := got.setRange(*out.ContentRange, r); err != nil {
			return nil, err
		}
	}
	return got, got.check(r)
}

// otherRegion returns the region of the bucket if the request failed because of
// it, otherwise "". Most of S3's errors contain the region, and the response
// about a bucket always does.
func (o *s3Object) otherRegion(ctx context.Context, err error) string {
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
		region = o.bucketRegion(ctx)
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

// bucketRegion requests the region of the bucket.
func (o *s3Object) bucketRegion(ctx context.Context) string {
	out, err := o.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &o.bucket})
	if err == nil {
		return aws.ToString(out.BucketRegion)
	}
	if resp, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return regionOf(resp)
	}
	return ""
}

// fetchError classifies an error of S3.
func (o *s3Object) fetchError(err error, r request) error {
	resp, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || resp.Response == nil || resp.HTTPStatusCode() == 0 { // There was no response.
		if op, ok := errors.AsType[*smithy.OperationError](err); ok {
			err = op.Err
		}
		return connectionError(err)
	}
	code := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	return statusError(resp.Response.Response, r, code, o.hint(code))
}

// hint returns what to do about an error code.
func (o *s3Object) hint(code string) string {
	switch code {
	case "ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException":
		return "the credentials have expired; get new ones, for example with aws sso login"
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthorizationHeaderMalformed":
		return "the credentials are not valid there; check them with aws sts get-caller-identity"
	case "RequestTimeTooSkewed":
		return "the clock of this machine is wrong; set it"
	case "InvalidObjectState":
		return "it is archived; restore it first, with aws s3api restore-object"
	}
	if o.credentialsErr != nil {
		return "it is not public, and there are no credentials (" + printable(o.credentialsErr.Error()) + "); set AWS_PROFILE, or log in"
	}
	return "the credentials do not allow s3:GetObject on it"
}
