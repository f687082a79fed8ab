package upload

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lilo-live/lilo/deploy/aws/internal/trouble"
)

const (
	// whole is the largest object that is copied in one piece, in bytes; S3 takes 5 GB.
	whole = 1 << 30
	// leastPart is the smallest part of a larger one, in bytes.
	leastPart = 256 << 20
	// mostParts is how many parts S3 takes.
	mostParts = 10_000
	// atOnce is how many parts are copied at the same time.
	atOnce = 16
	// mark is the metadata of a copy that names its original.
	mark = "lilo-copy-of"
	kind = "video/mp4"
)

type object struct{ bucket, key string }

func (o object) String() string { return "s3://" + o.bucket + "/" + o.key }

// source is how an object is written where it is copied from.
func (o object) source() *string { return aws.String(o.bucket + "/" + url.PathEscape(o.key)) }

// copy makes one object a copy of another within S3, unless it is already.
func (u *Upload) copy(ctx context.Context, from, to object) error {
	head, err := u.Store.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &from.bucket, Key: &from.key})
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", from, err)
	}
	size := aws.ToInt64(head.ContentLength)
	if there, err := u.has(ctx, from, to, size); err != nil || there {
		return err
	}
	if size > whole {
		return u.copyParts(ctx, from, to, size)
	}
	_, err = u.Store.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &to.bucket, Key: &to.key, CopySource: from.source(), ContentType: aws.String(kind),
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{mark: from.key},
	})
	if err != nil {
		return fmt.Errorf("%s cannot be copied to %s: %w", from, to, err)
	}
	return nil
}

// has says whether the copy is there.
func (u *Upload) has(ctx context.Context, from, to object, size int64) (bool, error) {
	head, err := u.Store.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &to.bucket, Key: &to.key})
	switch {
	case trouble.Of(err) == trouble.Absent:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s cannot be looked at: %w", to, err)
	}
	return head.Metadata[mark] == from.key && aws.ToInt64(head.ContentLength) == size, nil
}

// copyParts copies a large object piece by piece, and goes on where an earlier
// call was cut off.
func (u *Upload) copyParts(ctx context.Context, from, to object, size int64) error {
	id, err := u.multipart(ctx, from, to)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", to, err)
	}
	there, err := u.parts(ctx, to, id)
	if err != nil {
		return fmt.Errorf("%s cannot be looked at: %w", to, err)
	}
	if err := u.fill(ctx, from, to, id, size, there); err != nil {
		return fmt.Errorf("%s cannot be copied to %s: %w", from, to, err)
	}
	all := make([]types.CompletedPart, 0, len(there))
	for number, tag := range there {
		all = append(all, types.CompletedPart{PartNumber: aws.Int32(number), ETag: aws.String(tag)})
	}
	sort.Slice(all, func(i, j int) bool { return *all[i].PartNumber < *all[j].PartNumber })
	_, err = u.Store.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &to.bucket, Key: &to.key, UploadId: &id, MultipartUpload: &types.CompletedMultipartUpload{Parts: all},
	})
	if err != nil {
		return fmt.Errorf("%s cannot be completed: %w", to, err)
	}
	return nil
}

// multipart returns the upload that was begun for the object, or begins one.
// The key holds the file's hash, so whatever was begun is of the same file.
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
		Bucket: &to.bucket, Key: &to.key, ContentType: aws.String(kind), Metadata: map[string]string{mark: from.key},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.UploadId), nil
}

// parts returns the tags of the parts that an upload has.
func (u *Upload) parts(ctx context.Context, to object, id string) (map[int32]string, error) {
	there := make(map[int32]string)
	in := &s3.ListPartsInput{Bucket: &to.bucket, Key: &to.key, UploadId: &id}
	for {
		out, err := u.Store.ListParts(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, p := range out.Parts {
			there[aws.ToInt32(p.PartNumber)] = aws.ToString(p.ETag)
		}
		if !aws.ToBool(out.IsTruncated) {
			return there, nil
		}
		in.PartNumberMarker = out.NextPartNumberMarker
	}
}

// fill copies the parts that are missing, several at once.
func (u *Upload) fill(ctx context.Context, from, to object, id string, size int64, there map[int32]string) error {
	part := max(leastPart, (size+mostParts-1)/mostParts)
	var (
		mu     sync.Mutex
		group  sync.WaitGroup
		failed []error
		places = make(chan struct{}, atOnce)
	)
	for number, at := int32(1), int64(0); at < size; number, at = number+1, at+part {
		mu.Lock()
		_, done := there[number]
		mu.Unlock()
		if done {
			continue
		}
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			tag, err := u.copyPart(ctx, from, to, id, number, at, min(at+part, size)-1)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, err)
				return
			}
			there[number] = tag
		})
	}
	group.Wait()
	return errors.Join(failed[:min(len(failed), 1)]...)
}

func (u *Upload) copyPart(ctx context.Context, from, to object, id string, number int32, first, last int64) (string, error) {
	out, err := u.Store.UploadPartCopy(ctx, &s3.UploadPartCopyInput{
		Bucket: &to.bucket, Key: &to.key, UploadId: &id, PartNumber: &number,
		CopySource: from.source(), CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", first, last)),
	})
	if err != nil {
		return "", fmt.Errorf("part %d: %w", number, err)
	}
	return aws.ToString(out.CopyPartResult.ETag), nil
}

// remove deletes every version of an object, or of all objects when the key is
// empty. A bucket that is gone is empty.
func (u *Upload) remove(ctx context.Context, bucket, key string) error {
	for {
		// From the start each time: what was deleted is no longer listed.
		list, err := u.Store.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
		if trouble.Of(err) == trouble.Absent {
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

// versions returns those of a list that are of that very key, all for none.
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
