//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTwoProcessesSendTheSame checks invariant I1: one epoch, the same datagrams.
func TestTwoProcessesSendTheSame(t *testing.T) {
	t.Parallel()
	file := movie(t)
	epoch := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
	a, b := listen(t), listen(t)
	start(t, "run", file, "--epoch", epoch, "--to", a.url("rtp"))
	start(t, "run", file, "--epoch", epoch, "--to", b.url("rtp"))
	const count = 400 // more than a lap
	first := make(map[uint16][]byte)
	for _, d := range a.receive(t, count) {
		first[sequence(d)] = d
	}
	same := 0
	for _, d := range b.receive(t, count) {
		if want := first[sequence(d)]; want != nil { // A busy machine skips some.
			if same++; !bytes.Equal(d, want) {
				t.Fatalf("datagram %d differs", sequence(d))
			}
		}
	}
	if same < count*3/4 {
		t.Errorf("only %d of %d datagrams could be compared", same, count)
	}
}

// TestKilledProcessContinuesStream checks the rest of I1: after a kill, sequence
// numbers and timestamps are those of the time.
func TestKilledProcessContinuesStream(t *testing.T) {
	t.Parallel()
	file := movie(t)
	epoch := time.Now().UTC().Format(time.RFC3339Nano)
	whole, broken := listen(t), listen(t)
	start(t, "run", file, "--epoch", epoch, "--to", whole.url("rtp"))
	p := start(t, "run", file, "--epoch", epoch, "--to", broken.url("rtp"))
	broken.receive(t, 50)
	p.signal(t, syscall.SIGKILL)
	p.wait(t)
	for broken.datagram(t, 300*time.Millisecond) != nil { // What had still been on its way.
	}
	start(t, "run", file, "--epoch", epoch, "--to", broken.url("rtp"))
	want := map[uint16][]byte{}
	for _, d := range whole.receive(t, 600) {
		want[sequence(d)] = d
	}
	same := 0
	for _, d := range broken.receive(t, 100) {
		if w := want[sequence(d)]; w != nil {
			if !bytes.Equal(d, w) {
				t.Fatalf("datagram %d differs", sequence(d))
			}
			same++
		}
	}
	if same < 50 {
		t.Errorf("only %d datagrams could be compared", same)
	}
}

// sequence returns the sequence number of an RTP packet (RFC 3550, 5.1).
func sequence(rtp []byte) uint16 { return binary.BigEndian.Uint16(rtp[2:]) }

// TestRunSendsWhatRenderWrites compares the transport stream with a rendered file.
func TestRunSendsWhatRenderWrites(t *testing.T) {
	t.Parallel()
	file := movie(t)
	r := listen(t)
	epoch := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
	start(t, "run", file, "--epoch", epoch, "--to", r.url("rtp"))
	sent := r.receive(t, 300)
	written := lilo(t, 0, "render", file, "--out", "-", "--for", "30s").out.Bytes()
	if !bytes.HasPrefix(written, placed(t, sent, written)) {
		t.Error("what was sent is not the beginning of what was written")
	}
}

func TestRunEndsOnSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		r := listen(t)
		p := start(t, "run", "--to", r.url("rtp"))
		r.receive(t, 1)
		p.signal(t, s)
		asked := time.Now()
		if code := p.wait(t); code != 0 || p.err.Len() > 0 {
			t.Errorf("%v: exit code %d, %s", s, code, &p.err)
		}
		if took := time.Since(asked); took > 5*time.Second {
			t.Errorf("%v: it took %v", s, took)
		}
		if !strings.Contains(p.out.String(), "off air after") {
			t.Errorf("%v: no summary in\n%s", s, &p.out)
		}
	}
}

func TestOneOfSeveralDestinationsIsGone(t *testing.T) {
	here, gone := listen(t), listen(t)
	gone.conn.Close()
	p := start(t, "run", "--to", gone.url("rtp"), "--to", here.url("udp")+"?pkt=1", "--for", "3s")
	if d := here.receive(t, 100); len(d[0]) != 188 {
		t.Errorf("a datagram has %d bytes", len(d[0]))
	}
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit code %d: %s", code, &p.err)
	}
	if n := strings.Count(p.out.String(), "refuses datagrams: nobody listens there; "); n != 1 {
		t.Errorf("reported %d times:\n%s", n, &p.out)
	}
}

// TestMonitorFindsNoErrorOnAir measures a channel across a lap.
func TestMonitorFindsNoErrorOnAir(t *testing.T) {
	file := movie(t)
	r := listen(t)
	r.conn.Close()
	start(t, "run", file, "--to", r.url("rtp"))
	p := lilo(t, 0, "monitor", "--json", "--for", "10s", r.url("rtp"))
	var report struct {
		Verdict string
		RTP     struct{ Lost, Reordered int64 }
	}
	if err := json.Unmarshal(p.out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if report.Verdict != "no errors" || report.RTP.Lost+report.RTP.Reordered != 0 {
		t.Errorf("%+v", report)
	}
}

func TestMonitorWithoutStream(t *testing.T) {
	t.Parallel()
	r := listen(t)
	r.conn.Close()
	p := lilo(t, 8, "monitor", r.url("rtp"))
	if p.out.Len() > 0 || strings.Count(p.err.String(), "\n") != 1 {
		t.Errorf("it wrote %s%s", &p.out, &p.err)
	}
}

// TestTruncatedFileEndsChannel truncates the file of a channel on air.
func TestTruncatedFileEndsChannel(t *testing.T) {
	file := movie(t)
	r := listen(t)
	p := start(t, "run", file, "--to", r.url("rtp"))
	r.receive(t, 10)
	if err := os.Truncate(file, 1000); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(t); code != 7 {
		t.Errorf("exit code %d: %s%s", code, &p.out, &p.err)
	}
	if n := strings.Count(p.err.String(), "\n"); n != 1 {
		t.Errorf("%d lines of error: %s", n, &p.err)
	}
}
