// Package upload provides the objects of a deployment's bucket for
// CloudFormation: it copies a file from where the CDK left it, within S3, and
// empties the bucket before it is deleted.
package upload

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
)

// Types of the custom resources.
const (
	// ObjectType is an object that is a copy of another.
	ObjectType = "Custom::LiloObject"
	// ContentsType is all that is in a bucket; it does nothing but go with it.
	ContentsType = "Custom::LiloContents"
)

// Properties of the custom resources.
const (
	FromBucketProperty = "FromBucket"
	FromKeyProperty    = "FromKey"
	BucketProperty     = "Bucket"
	KeyProperty        = "Key"
	// RetainProperty has what was copied stay when the stack goes, "true" or "false".
	RetainProperty = "Retain"
)

// Store is the part of S3 that is needed.
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

// Upload is what both custom resources are provided by.
type Upload struct {
	Store   Store
	Replies cfnresponse.Sender
	Log     *slog.Logger
}

// Handle does what CloudFormation asks for and answers it. It returns an error
// only where that answer cannot be given, so that Lambda tries again.
func (u *Upload) Handle(ctx context.Context, e cfn.Event) error {
	physical := physicalOf(e)
	if err := u.do(ctx, e); err != nil {
		u.Log.ErrorContext(ctx, "failed", "resource", physical, "error", err)
		return u.Replies.Failure(ctx, e, physical, err.Error())
	}
	return u.Replies.Success(ctx, e, physical, nil)
}

func (u *Upload) do(ctx context.Context, e cfn.Event) error {
	bucket, key := property(e, BucketProperty), property(e, KeyProperty)
	leave := e.RequestType != cfn.RequestDelete || property(e, RetainProperty) == "true"
	switch e.ResourceType {
	case ObjectType:
		if e.RequestType == cfn.RequestDelete {
			if leave {
				return nil
			}
			return u.remove(ctx, bucket, key)
		}
		return u.copy(ctx, object{property(e, FromBucketProperty), property(e, FromKeyProperty)}, object{bucket, key})
	case ContentsType:
		if leave {
			return nil
		}
		return u.remove(ctx, bucket, "")
	}
	return fmt.Errorf("%q is not a resource of LILO", e.ResourceType)
}

// physicalOf returns the resource's id. An object with another key is another
// object: CloudFormation then deletes the old one when the update is through.
func physicalOf(e cfn.Event) string {
	if e.RequestType == cfn.RequestDelete {
		return e.PhysicalResourceID
	}
	if e.ResourceType == ContentsType {
		return property(e, BucketProperty) + "/*"
	}
	return property(e, BucketProperty) + "/" + property(e, KeyProperty)
}

func property(e cfn.Event, name string) string {
	text, _ := e.ResourceProperties[name].(string)
	return text
}
