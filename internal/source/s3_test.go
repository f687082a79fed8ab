package source

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// isolateAWS hides the AWS configuration of this machine from the SDK.
func isolateAWS(t *testing.T, endpoint string) {
	t.Helper()
	useTestCache(t)
	for k, v := range map[string]string{
		"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_REGION": "",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_S3": endpoint, "AWS_CA_BUNDLE": "",
		"HTTP_PROXY": "", "HTTPS_PROXY": "", "http_proxy": "", "https_proxy": "",
	} {
		t.Setenv(k, v)
	}
}

func openBucket(t *testing.T, name string, l *lines) (Remote, error) {
	t.Helper()
	o, err := newS3Object(t.Context(), name)
	if err != nil {
		return nil, err
	}
	s, err := openRemote(t.Context(), o, Options{Notify: l.tell, Progress: func(Progress) {}}, quickTiming())
	if err != nil {
		return nil, err
	}
	return s.(Remote), nil
}

func TestS3ObjectIsCached(t *testing.T) {
	s, l := serve(t, randomBytes(size)), newLines()
	isolateAWS(t, s.URL)
	path := ""
	s.fault = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		s.set(func(*server) { path = r.URL.Path })
		return false
	}
	for range 2 {
		r, err := openBucket(t, "s3ssl://bucket/a folder/%41.mp4", l)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(all(t, r), s.content) {
			t.Error("the bytes differ")
		}
		closeSource(t, r)
	}
	if path != "/bucket/a folder/%41.mp4" {
		t.Errorf("asked for %q", path)
	}
}

func TestS3WithoutTheStore(t *testing.T) {
	s, l := serve(t, randomBytes(size)), newLines()
	isolateAWS(t, s.URL)
	for range 2 {
		r, err := openBucket(t, "s3://bucket/key", l)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(all(t, r), s.content) {
			t.Error("the bytes differ")
		}
		closeSource(t, r)
		s.Close()
	}
	if text := l.text(); strings.Count(text, "the cached copy is played") != 1 || !strings.Contains(text, "connection refused") {
		t.Errorf("told: %s", text)
	}
	_, err := openBucket(t, "s3://bucket/other", l)
	checkError(t, err, fault.Source, "cannot be reached")
}

func TestS3ObjectChanges(t *testing.T) {
	s, l := serve(t, randomBytes(size)), newLines()
	isolateAWS(t, s.URL)
	done := make(chan struct{})
	s.fault = func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n > 1 {
			<-done
		}
		return false
	}
	r, err := openBucket(t, "s3://bucket/key", l)
	if err != nil {
		t.Fatal(err)
	}
	r.OnAir()
	s.set(func(s *server) { s.tag = `"two"` })
	close(done)
	_, err = r.ReadAt(make([]byte, 1), size-1)
	checkError(t, err, fault.Changed, "was replaced on the server")
	closeSource(t, r)
}

func TestS3Errors(t *testing.T) {
	for _, c := range []struct {
		status     int
		code, text string
	}{
		{404, "NoSuchKey", "nothing of that name"},
		{404, "NoSuchBucket", "no bucket of that name"},
		{403, "AccessDenied", "no credentials"},
		{400, "ExpiredToken", "have expired"},
		{403, "InvalidAccessKeyId", "not valid there"},
		{403, "InvalidObjectState", "archived"},
		{403, "RequestTimeTooSkewed", "clock"},
		{503, "SlowDown", "try again later"},
		{416, "InvalidRange", "is empty"},
	} {
		t.Run(c.code, func(t *testing.T) {
			s := serve(t, nil)
			isolateAWS(t, s.URL)
			s.fault = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(c.status)
				fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", c.code)
				return true
			}
			_, err := openBucket(t, "s3://bucket/key", newLines())
			checkError(t, err, fault.Source, c.text)
			checkCacheEmpty(t)
		})
	}
}

func TestParseS3(t *testing.T) {
	for name, good := range map[string]bool{
		"s3://bucket/key": true, "s3ssl://my.bucket-1/a/b c?d": true, "s3://abc/" + strings.Repeat("k", 100): true,
		"s3://": false, "s3://bucket": false, "s3://bucket/": false, "s3://ab/key": false, "s3://Bucket/key": false,
		"s3://under_score/key": false, "s3://a..b/key": false, "s3://user@host/key": false, "s3://169.254.169.254:80/key": false,
	} {
		_, err := parseS3(name)
		if (err == nil) != good || err != nil && fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// roundTrip is a function that is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestS3Region has a bucket in another region than the configured one, with and
// without the region in the first error.
func TestS3Region(t *testing.T) {
	for _, told := range []bool{true, false} {
		isolateAWS(t, "")
		s := serve(t, randomBytes(1000))
		o, err := newS3Object(t.Context(), "s3://bucket/key")
		if err != nil {
			t.Fatal(err)
		}
		var hosts []string
		o.config.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.Method+" "+r.URL.Host)
			if strings.Contains(r.URL.Host, "eu-west-1") {
				r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(s.URL, "http://")
				return http.DefaultTransport.RoundTrip(r)
			}
			resp := &http.Response{StatusCode: 301, Header: http.Header{}, Body: http.NoBody, Request: r}
			if told || r.Method == http.MethodHead {
				resp.Header.Set("X-Amz-Bucket-Region", "eu-west-1")
			}
			return resp, nil
		})}
		o.connect(defaultRegion)
		got, err := o.fetch(t.Context(), request{to: 1000})
		if err != nil {
			t.Fatalf("told=%t: %v, asked %s", told, err, hosts)
		}
		got.Close()
		if o.region != "eu-west-1" {
			t.Errorf("told=%t: %s, asked %s", told, o.region, hosts)
		}
	}
}
