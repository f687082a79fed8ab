//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

const (
	goodChannels = 50
	absurdCount  = 2_000_000_000
	absurdSize   = 100 << 30
)

// patched returns a copy of a file with 32-bit numbers after the first box of a kind, at
// offsets from its type.
func patched(t *testing.T, file []byte, patches map[string]map[int]uint32) []byte {
	t.Helper()
	b := bytes.Clone(file)
	for kind, at := range patches {
		i := bytes.Index(b, []byte(kind))
		if i < 0 {
			t.Fatalf("no box %s", kind)
		}
		for offset, n := range at {
			binary.BigEndian.PutUint32(b[i+offset:], n)
		}
	}
	return b
}

// absurd returns the begin of a file of absurdSize whose tables list absurdCount samples.
func absurd(t *testing.T, file []byte) []byte {
	b := patched(t, file, map[string]map[int]uint32{
		"stsz": {8: 1, 12: absurdCount}, "stts": {12: absurdCount}, "stsc": {12: 1, 16: absurdCount, 20: 1},
	})
	b = append(b, 0, 0, 0, 1)
	b = append(b, "mdat"...)
	return binary.BigEndian.AppendUint64(b, absurdSize-uint64(len(b)-8))
}

// liar serves the begin of a file, and zeros for the rest of what it claims to have.
func liar(t *testing.T, begin []byte, size int64) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, to := int64(0), size-1
		if span, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
			a, b, _ := strings.Cut(span, "-")
			from, _ = strconv.ParseInt(a, 10, 64)
			if n, err := strconv.ParseInt(b, 10, 64); err == nil {
				to = min(to, n)
			}
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, size))
		w.Header().Set("Content-Length", strconv.FormatInt(to-from+1, 10))
		w.WriteHeader(http.StatusPartialContent)
		for zeros := make([]byte, 64<<10); from <= to; {
			part := zeros[:min(int64(len(zeros)), to-from+1)]
			if from < int64(len(begin)) {
				part = begin[from:min(int64(len(begin)), to+1)]
			}
			if _, err := w.Write(part); err != nil {
				return
			}
			from += int64(len(part))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/a.mp4"
}

// brokenSources makes one source of each kind that cannot be played, or not for long, by name.
func brokenSources(t *testing.T, dir, good string) map[string]string {
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"missing": filepath.Join(dir, "none.mp4"), "a folder": dir}
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".mp4")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		all[name] = path
		return path
	}
	file("empty", nil)
	file("no MP4", []byte(strings.Repeat("nothing of the kind ", 100)))
	file("half of a file", whole[:len(whole)/2])
	file("index cut off", whole[:len(whole)-100])
	for name, times := range map[string][2]uint32{
		"pictures four days apart": {1, 400_000}, "pictures 0.2 ns apart": {1<<32 - 1, 1}, "pictures of no duration": {25, 0}, "timescale 0": {0, 1},
	} {
		file(name, patched(t, whole, map[string]map[int]uint32{"mdhd": {16: times[0]}, "stts": {16: times[1]}}))
	}
	sparse := file("absurd count in a sparse file", absurd(t, whole))
	if err := os.Truncate(sparse, absurdSize); err != nil {
		t.Fatal(err)
	}
	all["absurd count behind a server"] = liar(t, absurd(t, whole), absurdSize)
	all["absurd count behind a server of less"] = liar(t, absurd(t, whole), 3<<30)
	all["a server of zeros"] = liar(t, nil, absurdSize)
	all["a server with half of a file"] = liar(t, whole[:len(whole)/2], int64(len(whole)))
	all["a server whose file ends early"] = liar(t, whole, int64(len(whole)/2))
	mdat := bytes.Index(whole, []byte("mdat"))
	middle := mdat + (len(whole)-mdat)/3
	damaged := func(name string, do func(b []byte)) {
		b := bytes.Clone(whole)
		do(b)
		file(name, b)
	}
	damaged("a hole of zeros", func(b []byte) { clear(b[middle : middle+20_000]) })
	damaged("a hole of ones", func(b []byte) { copy(b[middle:], bytes.Repeat([]byte{255}, 20_000)) })
	damaged("noise", func(b []byte) {
		r := rand.New(rand.NewPCG(1, 2))
		for i := middle; i < middle+20_000; i++ {
			b[i] = byte(r.Uint32())
		}
	})
	hrd := filepath.Join(dir, "hrd.mp4")
	tool(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=2", "-c:v", "libx264",
		"-x264-params", "nal-hrd=vbr:vbv-maxrate=1:vbv-bufsize=1", hrd)
	all["an absurd HRD"] = hrd
	png := filepath.Join(dir, "png.mov")
	tool(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=1", "-c:v", "png", png)
	all["a coding that TS cannot carry"] = png
	return all
}

// TestBrokenChannelsDisturbNobody runs a channel of each broken kind beside fifty good
// ones. The good ones send what their documents describe, the process lives on, and
// each broken one says what it is about.
func TestBrokenChannelsDisturbNobody(t *testing.T) {
	long(t)
	good := movie(t, "-b:v", "300k")
	dir := t.TempDir()
	s := serveIn(t, []string{"GOMEMLIMIT=512MiB", "XDG_CACHE_HOME=" + t.TempDir()}, "--state", t.TempDir(), "--allow-files", filepath.Dir(good), "--allow-files", dir)
	c := &chaos{t: t, client: mediaLive(s.url), file: good}
	sources := brokenSources(t, dir, good)
	var all []watched
	var captures []func() [][]byte
	for range goodChannels {
		r := listen(t)
		all = append(all, c.watch(r.url("rtp")))
		captures = append(captures, r.record())
	}
	sink := listen(t)
	broken := map[string]string{}
	for name, source := range sources {
		b := &chaos{t: t, client: c.client, file: source}
		broken[name] = *b.watch(sink.url("udp")).channel.Id
	}
	for begin := time.Now(); time.Since(begin) < 12*time.Second; {
		for _, source := range sources { // Whoever looks at them in the console does no harm either.
			probe(t, s, source)
		}
		begin := time.Now()
		if status, _ := s.get(t, "/healthz"); status != http.StatusOK || time.Since(begin) > time.Second {
			t.Errorf("/healthz: %d after %v", status, time.Since(begin))
		}
	}
	for name, id := range broken {
		alerts, err := c.client.ListAlerts(t.Context(), &sdk.ListAlertsInput{ChannelId: &id})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := c.client.DescribeChannel(t.Context(), &sdk.DescribeChannelInput{ChannelId: &id})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, a := range alerts.Alerts {
			text += fmt.Sprintf("%s %s: %s; ", a.State, *a.AlertType, *a.Message)
		}
		t.Logf("%s: %s, %d on air, %s", name, doc.State, *doc.PipelinesRunningCount, text)
		if *doc.PipelinesRunningCount == 0 && (text == "" || doc.State != types.ChannelStateRunning && doc.State != types.ChannelStateRecovering) {
			t.Errorf("%s: it is %s with alerts %q", name, doc.State, text)
		}
	}
	for i, w := range all {
		got := captures[i]()
		if c.compare(w, got); len(got) < 100 {
			t.Errorf("channel %d sent %d datagrams", i, len(got))
		}
	}
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if log := s.log.String(); strings.Contains(log, "a panic was caught") {
		t.Errorf("there was a panic:\n%s", log)
	}
}

// probe asks the console what a source holds.
func probe(t *testing.T, s *serverProcess, source string) {
	t.Helper()
	const token = "0123456789012345678901234567890"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/console/probe", strings.NewReader(fmt.Sprintf(`{"source":%q}`, source)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range maps.All(map[string]string{"Content-Type": "application/json", "Cookie": "lilo_csrf=" + token, "X-Lilo-Csrf": token}) {
		r.Header.Set(name, value)
	}
	client := http.Client{Timeout: 500 * time.Millisecond} // A client that goes.
	if response, err := client.Do(r); err == nil {
		if response.Body.Close(); response.StatusCode == http.StatusForbidden || response.StatusCode == http.StatusNotFound {
			t.Errorf("probing %s: %s", source, response.Status)
		}
	}
}
