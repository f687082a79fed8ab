// Package upload manages the objects of a deployment's bucket for CloudFormation:
// it copies a file within S3 from where the CDK uploaded it, and empties the
// bucket before it is deleted.
package upload

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
	"github.com/lilo-live/lilo/internal/aws/function"
)

// Store is the part of S3 that is used.
type Store interface {
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	CopyObject(context.Context, *s3.CopyObjectInput, ...func(*s3.Options)) (*s3.CopyObjectOutput, error)
	CreateMultipartUpload(context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error)
	ListMultipartUploads(context.Context, *s3.ListMultipartUploadsInput, ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error)
	ListParts(context.Context, *s3.ListPartsInput, ...func(*s3.Options)) (*s3.ListPartsOutput, error)
	UploadPartCopy(context.Context, *s3.UploadPartCopyInput, ...func(*s3.Options)) (*s3.UploadPartCopyOutput, error)
	CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error)
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// Upload is the function behind both custom resources.
type Upload struct {
	Store   Store
	Replies cfnresponse.Sender
	Log     *slog.Logger
}

// Handle handles an event and answers CloudFormation. It returns an error only if
// the answer cannot be sent, so that Lambda repeats the call.
func (u *Upload) Handle(ctx context.Context, e cfn.Event) error {
	physical := physicalID(e)
	if err := u.apply(ctx, e); err != nil {
		u.Log.ErrorContext(ctx, "failed", "resource", physical, "error", err)
		return u.Replies.Failure(ctx, e, physical, err.Error())
	}
	return u.Replies.Success(ctx, e, physical, nil)
}

func (u *Upload) apply(ctx context.Context, e cfn.Event) error {
	bucket, key := property(e, function.BucketProperty), property(e, function.KeyProperty)
	isDelete, retain := e.RequestType == cfn.RequestDelete, property(e, function.RetainProperty) == "true"
	switch {
	case e.ResourceType != function.ObjectType && e.ResourceType != function.ContentsType:
		return fmt.Errorf("%q is not a resource of LILO", e.ResourceType)
	case isDelete && retain:
		return nil
	case isDelete && e.ResourceType == function.ContentsType:
		return u.remove(ctx, bucket, "")
	case isDelete:
		return u.remove(ctx, bucket, key)
	case e.ResourceType == function.ContentsType:
		return nil
	}
	return u.copy(ctx, object{property(e, function.FromBucketProperty), property(e, function.FromKeyProperty)}, object{bucket, key})
}

// physicalID returns the physical id of the resource. An object with another key
// is another object: CloudFormation deletes the old one after the update.
func physicalID(e cfn.Event) string {
	if e.RequestType == cfn.RequestDelete {
		return e.PhysicalResourceID
	}
	if e.ResourceType == function.ContentsType {
		return property(e, function.BucketProperty) + "/*"
	}
	return property(e, function.BucketProperty) + "/" + property(e, function.KeyProperty)
}

func property(e cfn.Event, name string) string {
	text, _ := e.ResourceProperties[name].(string)
	return text
}
