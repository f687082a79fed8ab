package upload

import (
	"context"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/lilo-live/lilo/internal/aws/awserr"
)

const (
	// maxSingleCopy is the largest object that is copied at once, in bytes; S3 takes 5 GB.
	maxSingleCopy = 1 << 30
	// minPart is the smallest part of a larger one, in bytes.
	minPart = 256 << 20
	// maxParts is how many parts S3 takes.
	maxParts = 10_000
	// concurrency is how many parts are copied at a time.
	concurrency = 16
	// originMetadata is the metadata of a copy that names its original.
	originMetadata = "lilo-copy-of"
	contentType    = "video/mp4"
)

type object struct{ bucket, key string }

func (o object) String() string { return "s3://" + o.bucket + "/" + o.key }

// copySource returns the object as the source of a copy.
func (o object) copySource() *string { return aws.String(o.bucket + "/" + url.PathEscape(o.key)) }

// copy copies an object within S3, unless the copy exists.
func (u *Upload) copy(ctx context.Context, from, to object) error {
	head, err := u.Store.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &from.bucket, Key: &from.key})
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", from, err)
	}
	size := aws.ToInt64(head.ContentLength)
	if exists, err := u.exists(ctx, from, to, size); err != nil || exists {
		return err
	}
	if size > maxSingleCopy {
		return u.copyParts(ctx, from, to, size)
	}
	_, err = u.Store.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &to.bucket, Key: &to.key, CopySource: from.copySource(), ContentType: aws.String(contentType),
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{originMetadata: from.key},
	})
	if err != nil {
		return fmt.Errorf("%s cannot be copied to %s: %w", from, to, err)
	}
	return nil
}

// exists reports whether the copy exists.
func (u *Upload) exists(ctx context.Context, from, to object, size int64) (bool, error) {
	head, err := u.Store.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &to.bucket, Key: &to.key})
	switch {
	case awserr.KindOf(err) == awserr.NotFound:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s cannot be read: %w", to, err)
	}
	return head.Metadata[originMetadata] == from.key && aws.ToInt64(head.ContentLength) == size, nil
}

// copyParts copies a large object part by part, several at a time, and continues
// where an earlier call was interrupted.
func (u *Upload) copyParts(ctx context.Context, from, to object, size int64) error {
	id, err := u.multipart(ctx, from, to)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", to, err)
	}
	tags, err := u.parts(ctx, to, id)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", to, err)
	}
	part := max(minPart, (size+maxParts-1)/maxParts)
	all := make([]types.CompletedPart, (size+part-1)/part)
	var group errgroup.Group
	group.SetLimit(concurrency)
	for i := range all {
		number, first := int32(i+1), int64(i)*part
		all[i].PartNumber = &number
		if tag, ok := tags[number]; ok {
			all[i].ETag = &tag
			continue
		}
		group.Go(func() (err error) {
			all[i].ETag, err = u.copyPart(ctx, from, to, id, number, first, min(first+part, size)-1)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("%s cannot be copied to %s: %w", from, to, err)
	}
	_, err = u.Store.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &to.bucket, Key: &to.key, UploadId: &id, MultipartUpload: &types.CompletedMultipartUpload{Parts: all},
	})
	if err != nil {
		return fmt.Errorf("%s cannot be completed: %w", to, err)
	}
	return nil
}

// multipart returns the unfinished upload of the object, or begins one. The key
// contains the file's hash, so that an unfinished upload is of the same file.
func (u *Upload) multipart(ctx context.Context, from, to object) (string, error) {
	list, err := u.Store.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &to.bucket, Prefix: &to.key})
	if err != nil {
		return "", err
	}
	for _, each := range list.Uploads {
		if aws.ToString(each.Key) == to.key {
			return aws.ToString(each.UploadId), nil
		}
	}
	made, err := u.Store.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &to.bucket, Key: &to.key, ContentType: aws.String(contentType), Metadata: map[string]string{originMetadata: from.key},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.UploadId), nil
}

// parts returns the tags of an upload's parts by number.
func (u *Upload) parts(ctx context.Context, to object, id string) (map[int32]string, error) {
	tags := make(map[int32]string)
	pages := s3.NewListPartsPaginator(u.Store, &s3.ListPartsInput{Bucket: &to.bucket, Key: &to.key, UploadId: &id})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range out.Parts {
			tags[aws.ToInt32(p.PartNumber)] = aws.ToString(p.ETag)
		}
	}
	return tags, nil
}

func (u *Upload) copyPart(ctx context.Context, from, to object, id string, number int32, first, last int64) (tag *string, err error) {
	out, err := u.Store.UploadPartCopy(ctx, &s3.UploadPartCopyInput{
		Bucket: &to.bucket, Key: &to.key, UploadId: &id, PartNumber: &number,
		CopySource: from.copySource(), CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", first, last)),
	})
	if err != nil {
		return nil, fmt.Errorf("part %d: %w", number, err)
	}
	return out.CopyPartResult.ETag, nil
}

// remove deletes every version of an object, or of all objects if the key is
// empty. A bucket that does not exist is empty.
func (u *Upload) remove(ctx context.Context, bucket, key string) error {
	for {
		// Always the first page: deleted versions are no longer listed.
		list, err := u.Store.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
		if awserr.KindOf(err) == awserr.NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("bucket %s cannot be listed: %w", bucket, err)
		}
		all := versions(list, key)
		if len(all) == 0 {
			return nil
		}
		out, err := u.Store.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: all, Quiet: aws.Bool(true)}})
		if err != nil {
			return fmt.Errorf("objects of bucket %s cannot be deleted: %w", bucket, err)
		}
		if len(out.Errors) > 0 {
			e := out.Errors[0]
			return fmt.Errorf("s3://%s/%s cannot be deleted: %s", bucket, aws.ToString(e.Key), aws.ToString(e.Message))
		}
	}
}

// versions returns the versions and delete markers of a key, or all for "".
func versions(list *s3.ListObjectVersionsOutput, key string) []types.ObjectIdentifier {
	var all []types.ObjectIdentifier
	add := func(k, v *string) {
		if key == "" || aws.ToString(k) == key {
			all = append(all, types.ObjectIdentifier{Key: k, VersionId: v})
		}
	}
	for _, v := range list.Versions {
		add(v.Key, v.VersionId)
	}
	for _, m := range list.DeleteMarkers {
		add(m.Key, m.VersionId)
	}
	return all
}
