//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// gateway is the S3-compatible server that the tests start: the Versity S3
// Gateway (https://github.com/versity/versitygw), which keeps objects in a
// folder. It is built from the module proxy, in this version.
const gateway = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

// store is a running S3-compatible server with a bucket.
type store struct {
	t       *testing.T
	program string
	dir     string
	address string
	cmd     *exec.Cmd
}

func newStore(t *testing.T) *store {
	t.Helper()
	bin := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install", gateway)
	install.Env = append(os.Environ(), "GOBIN="+bin)
	install.Dir = bin // Not the module of this test.
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("the S3 server cannot be built: %v: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &store{t: t, program: filepath.Join(bin, "versitygw"), dir: t.TempDir(), address: l.Addr().String()}
	l.Close()
	if err := os.Mkdir(filepath.Join(s.dir, "bucket"), 0o755); err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_S3": "http://" + s.address, "AWS_ACCESS_KEY_ID": "user", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_PROFILE": "",
		"AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1", "LILO_CACHE": t.TempDir(),
	} {
		t.Setenv(k, v)
	}
	t.Cleanup(s.stop)
	s.start()
	return s
}

// start starts the server and waits until it answers.
func (s *store) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.program, "--access", "user", "--secret", "secret", "--port", s.address, "posix", s.dir)
	var out bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &out, &out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; {
		c, err := net.Dial("tcp", s.address)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			s.stop()
			s.t.Fatalf("the S3 server does not answer: %s", &out)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *store) stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

func (s *store) put(key string, content []byte) {
	s.t.Helper()
	c := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.address), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("user", "secret", ""),
	})
	if _, err := c.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: bytes.NewReader(content)}); err != nil {
		s.t.Fatal(err)
	}
}

// TestS3 plays an object of a bucket, and lets the server go away and come back
// while the channel is on air.
func TestS3(t *testing.T) {
	s := newStore(t)
	file := movie(t, "-vf", "noise=alls=30:allf=t", "-b:v", "4M")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s.put("a folder/movie.mp4", content)
	written := lilo(t, 0, "render", file, "--out", "-", "--name", "movie", "--for", "8s").out.Bytes()

	r := listen(t)
	epoch := time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)
	p := start(t, "run", "s3ssl://bucket/a folder/movie.mp4", "--epoch", epoch, "--to", r.url("rtp"))
	sent := r.receive(t, 100)
	s.stop()
	sent = append(sent, r.receive(t, 1000)...)
	if !bytes.HasPrefix(written, placed(t, sent, written)) {
		t.Error("what is sent is not what is written")
	}
	p.signal(t, syscall.SIGINT)
	p.wait(t)

	// The server is away: the cache has it all.
	q := lilo(t, 0, "render", "s3://bucket/a folder/movie.mp4", "--out", "-", "--name", "movie", "--for", "8s")
	if !bytes.Equal(q.out.Bytes(), written) {
		t.Error("from the cache it differs")
	}
	if !strings.Contains(lilo(t, 0, "cache", "list").out.String(), "s3://bucket/a folder/movie.mp4") {
		t.Error("it is not listed")
	}
	s.start()
	lilo(t, 0, "cache", "clear", "--all")
	for name, text := range map[string]string{
		"s3://bucket/none.mp4":  "nothing of that name",
		"s3://nobucket/a.mp4":   "no bucket of that name",
		"s3://BUCKET/movie.mp4": "not a bucket name",
	} {
		code := 3
		if strings.Contains(name, "BUCKET") {
			code = 2
		}
		if p := lilo(t, code, "probe", name); !strings.Contains(p.err.String(), text) || strings.Count(p.err.String(), "\n") != 1 {
			t.Errorf("%s: %s", name, &p.err)
		}
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	if p := lilo(t, 3, "probe", "s3://bucket/a folder/movie.mp4"); !strings.Contains(p.err.String(), "credentials are not valid") {
		t.Errorf("a wrong secret: %s", &p.err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*")); len(left) > 0 {
		t.Errorf("left behind: %s", fmt.Sprint(left))
	}
}
