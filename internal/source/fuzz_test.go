package source

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// FuzzResponse reads the headers of any response to a request for a range. What is
// accepted begins where it was asked to, and lies in the object.
func FuzzResponse(f *testing.F) {
	f.Add(206, "bytes 0-1023/4096", `"1"`, "", int64(1024), int64(0), int64(1024))
	f.Add(206, "bytes 10-19/20", `W/"x"`, "identity", int64(10), int64(10), int64(20))
	f.Add(200, "", "", "gzip", int64(-1), int64(0), int64(65536))
	f.Add(206, "bytes 0-99/9223372036854775807", "", "", int64(100), int64(0), int64(100))
	f.Add(206, "bytes */0", "", "", int64(0), int64(0), int64(1))
	f.Add(416, "bytes */5", "", "", int64(0), int64(9), int64(10))
	f.Add(206, "bytes 0-9/10 and more", "", "", int64(10), int64(0), int64(10))
	f.Fuzz(func(t *testing.T, status int, span, tag, coding string, length, from, to int64) {
		if from < 0 || to <= from || status < 100 || status > 999 {
			return
		}
		o := &httpObject{url: &url.URL{Scheme: "https", Host: "media.example", Path: "/a.mp4"}}
		header := http.Header{"Content-Range": {span}, "Etag": {tag}, "Content-Encoding": {coding}}
		got, err := o.response(&http.Response{StatusCode: status, Header: header, ContentLength: length, Body: io.NopCloser(strings.NewReader(""))}, request{from: from, to: to})
		if err != nil {
			if e, ok := errors.AsType[*fetchError](err); !ok || strings.ContainsAny(err.Error(), "\r\n\x1b") {
				t.Errorf("%v %q", e, err)
			}
			return
		}
		if got.partial && (got.start != from || got.end <= got.start || got.end > got.version.Size) {
			t.Errorf("%q was accepted for %d to %d as %d to %d of %d", span, from, to, got.start, got.end, got.version.Size)
		}
		if got.partial && span != "bytes "+strconv.FormatInt(got.start, 10)+"-"+strconv.FormatInt(got.end-1, 10)+"/"+strconv.FormatInt(got.version.Size, 10) {
			t.Errorf("%q was accepted as %d to %d of %d", span, got.start, got.end, got.version.Size)
		}
	})
}

// FuzzS3Location reads any location of an object. What is accepted is the same object when
// its name is read again, and its bucket cannot be another host.
func FuzzS3Location(f *testing.F) {
	for _, name := range []string{"s3://bucket/key", "s3ssl://my.bucket-1/a/b c?d", "s3://bucket//", "s3://a..b/key", "s3://bucket/../../x", "s3://169.254.169.254/latest", "s3://", "://"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		o, err := parseS3(name)
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("%q: %v", name, err)
			}
			return
		}
		again, err := parseS3(o.name())
		if err != nil || again.bucket != o.bucket || again.keyName != o.keyName || strings.ContainsAny(o.bucket, "/:@%?#\\ ") {
			t.Errorf("%q is bucket %q and key %q, and then %v", name, o.bucket, o.keyName, again)
		}
	})
}
