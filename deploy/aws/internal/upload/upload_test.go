package upload_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
	"github.com/lilo-live/lilo/deploy/aws/internal/upload"
	"github.com/lilo-live/lilo/internal/aws/function"
)

// store emulates S3 with one bucket.
type store struct {
	mu sync.Mutex
	// size is that of the original, in bytes.
	size int64
	// objects counts the versions of each object in the bucket, by key.
	objects map[string]int
	marks   map[string]map[string]string
	// parts are those of the unfinished upload, whose key is begun.
	parts map[int32]string
	begun string
	calls []string
	// breaks is the number of a part that cannot be copied.
	breaks int32
}

func (s *store) called(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
}

func (s *store) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	if *in.Bucket == "cdk" {
		return &s3.HeadObjectOutput{ContentLength: &s.size}, nil
	}
	if s.objects[*in.Key] == 0 {
		return nil, &types.NoSuchKey{}
	}
	return &s3.HeadObjectOutput{ContentLength: &s.size, Metadata: s.marks[*in.Key]}, nil
}

func (s *store) put(key string, marks map[string]string) {
	s.objects[key]++
	s.marks[key] = marks
}

func (s *store) CopyObject(_ context.Context, in *s3.CopyObjectInput, _ ...func(*s3.Options)) (*s3.CopyObjectOutput, error) {
	s.called("copy " + *in.CopySource)
	s.put(*in.Key, in.Metadata)
	return &s3.CopyObjectOutput{}, nil
}

func (s *store) CreateMultipartUpload(_ context.Context, in *s3.CreateMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	s.called("create")
	s.begun, s.parts = *in.Key, map[int32]string{}
	s.marks[*in.Key] = in.Metadata
	return &s3.CreateMultipartUploadOutput{UploadId: aws.String("upload")}, nil
}

func (s *store) ListMultipartUploads(context.Context, *s3.ListMultipartUploadsInput, ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error) {
	out := &s3.ListMultipartUploadsOutput{}
	if s.begun != "" {
		out.Uploads = []types.MultipartUpload{{Key: &s.begun, UploadId: aws.String("upload")}}
	}
	return out, nil
}

func (s *store) ListParts(context.Context, *s3.ListPartsInput, ...func(*s3.Options)) (*s3.ListPartsOutput, error) {
	out := &s3.ListPartsOutput{}
	for number, tag := range s.parts {
		out.Parts = append(out.Parts, types.Part{PartNumber: &number, ETag: &tag})
	}
	return out, nil
}

func (s *store) UploadPartCopy(_ context.Context, in *s3.UploadPartCopyInput, _ ...func(*s3.Options)) (*s3.UploadPartCopyOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *in.PartNumber == s.breaks {
		return nil, &types.NotFound{}
	}
	s.calls = append(s.calls, "part "+*in.CopySourceRange)
	s.parts[*in.PartNumber] = fmt.Sprintf("tag%d", *in.PartNumber)
	return &s3.UploadPartCopyOutput{CopyPartResult: &types.CopyPartResult{ETag: aws.String(s.parts[*in.PartNumber])}}, nil
}

func (s *store) CompleteMultipartUpload(_ context.Context, in *s3.CompleteMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	for i, p := range in.MultipartUpload.Parts {
		if int(*p.PartNumber) != i+1 {
			return nil, fmt.Errorf("part %d is not in order", *p.PartNumber)
		}
	}
	s.called(fmt.Sprintf("complete %d", len(in.MultipartUpload.Parts)))
	s.put(*in.Key, s.marks[*in.Key])
	s.begun = ""
	return &s3.CompleteMultipartUploadOutput{}, nil
}

func (s *store) ListObjectVersions(_ context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	out := &s3.ListObjectVersionsOutput{}
	for key, n := range s.objects {
		for v := range n {
			out.Versions = append(out.Versions, types.ObjectVersion{Key: aws.String(key), VersionId: aws.String(fmt.Sprint(v))})
		}
	}
	return out, nil
}

func (s *store) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	for _, o := range in.Delete.Objects {
		if s.objects[*o.Key]--; s.objects[*o.Key] == 0 {
			delete(s.objects, *o.Key)
		}
	}
	return &s3.DeleteObjectsOutput{}, nil
}

// run calls the function with an event and returns its answer.
func run(t *testing.T, s *store, kind string, request cfn.RequestType, physical string, change map[string]any) cfn.Response {
	t.Helper()
	var answers []cfn.Response
	cloud := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a cfn.Response
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			t.Error(err)
		}
		answers = append(answers, a)
	}))
	defer cloud.Close()
	u := &upload.Upload{Store: s, Replies: cfnresponse.Sender{Client: http.DefaultClient}, Log: slog.New(slog.DiscardHandler)}
	p := map[string]any{"FromBucket": "cdk", "FromKey": "abc.mp4", "Bucket": "films", "Key": "source/abc.mp4", "Retain": "false"}
	maps.Copy(p, change)
	e := cfn.Event{RequestType: request, RequestID: "1", ResponseURL: cloud.URL, ResourceType: kind, PhysicalResourceID: physical, ResourceProperties: p}
	if err := u.Handle(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	if len(answers) != 1 {
		t.Fatalf("%d answers", len(answers))
	}
	return answers[0]
}

func newStore() *store {
	return &store{size: 1000, objects: map[string]int{}, marks: map[string]map[string]string{}}
}

func TestSmallFileIsCopiedOnce(t *testing.T) {
	s := newStore()
	for range 2 {
		a := run(t, s, function.ObjectType, cfn.RequestCreate, "", nil)
		if a.Status != cfn.StatusSuccess || a.PhysicalResourceID != "films/source/abc.mp4" {
			t.Errorf("%+v", a)
		}
	}
	if !slices.Equal(s.calls, []string{"copy cdk/abc.mp4"}) {
		t.Errorf("calls: %v", s.calls)
	}
}

func TestLargeFileIsResumed(t *testing.T) {
	s := newStore()
	s.size, s.breaks = 5<<30+1, 7
	if a := run(t, s, function.ObjectType, cfn.RequestCreate, "", nil); a.Status != cfn.StatusFailed {
		t.Fatalf("%+v", a)
	}
	s.breaks, s.calls = 0, nil
	if a := run(t, s, function.ObjectType, cfn.RequestCreate, "", nil); a.Status != cfn.StatusSuccess {
		t.Fatalf("%+v", a)
	}
	want := []string{"part bytes=1610612736-1879048191", "complete 21"}
	if !slices.Equal(s.calls, want) || s.objects["source/abc.mp4"] != 1 {
		t.Errorf("calls: %v, want %v", s.calls, want)
	}
}

func TestReplacedFile(t *testing.T) {
	s := newStore()
	was := run(t, s, function.ObjectType, cfn.RequestCreate, "", nil)
	now := run(t, s, function.ObjectType, cfn.RequestUpdate, was.PhysicalResourceID, map[string]any{"Key": "source/def.mp4", "FromKey": "def.mp4"})
	if now.PhysicalResourceID == was.PhysicalResourceID || len(s.objects) != 2 {
		t.Errorf("%+v, %v", now, s.objects)
	}
	// CloudFormation deletes the old object after the update.
	run(t, s, function.ObjectType, cfn.RequestDelete, was.PhysicalResourceID, nil)
	if s.objects["source/abc.mp4"] != 0 || s.objects["source/def.mp4"] != 1 {
		t.Errorf("%v", s.objects)
	}
}

func TestBucketIsEmptiedUnlessRetained(t *testing.T) {
	for retain, left := range map[string]int{"true": 2, "false": 0} {
		s := newStore()
		s.objects["source/abc.mp4"], s.objects["other"] = 3, 1
		for _, request := range []cfn.RequestType{cfn.RequestCreate, cfn.RequestUpdate, cfn.RequestDelete} {
			if a := run(t, s, function.ContentsType, request, "films/*", map[string]any{"Retain": retain}); a.Status != cfn.StatusSuccess || a.PhysicalResourceID != "films/*" {
				t.Errorf("%+v", a)
			}
		}
		if len(s.objects) != left {
			t.Errorf("retain %s: %v are left", retain, s.objects)
		}
	}
}

func TestUnknownResource(t *testing.T) {
	if a := run(t, newStore(), "Custom::Other", cfn.RequestCreate, "", nil); a.Status != cfn.StatusFailed || a.Reason == "" {
		t.Errorf("%+v", a)
	}
}
