package player

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// start returns a player that plays until the test ends.
func start(t *testing.T) *Player {
	t.Helper()
	a, err := New(Options{Source: source.Options{AllowFiles: true}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return a
}

// receiver is a socket on this machine.
type receiver struct {
	t    *testing.T
	conn *net.UDPConn
}

func listen(t *testing.T) receiver {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return receiver{t, conn}
}

// next returns the next datagram.
func (r receiver) next() []byte {
	r.t.Helper()
	if err := r.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		r.t.Fatal(err)
	}
	buf := make([]byte, 2000)
	n, err := r.conn.Read(buf)
	if err != nil {
		r.t.Fatal(err)
	}
	return buf[:n]
}

// to is the receiver as a destination.
func (r receiver) to() channel.Destination {
	return channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: r.conn.LocalAddr().(*net.UDPAddr).Port, Packets: 7}
}

// spec is a complete spec of a channel to the receivers.
func spec(t *testing.T, epoch time.Time, to ...receiver) channel.Spec {
	t.Helper()
	s := channel.Default()
	s.Epoch = epoch
	for _, r := range to {
		s.To = append(s.To, r.to())
	}
	s, err := s.Complete()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStartAndStop(t *testing.T) {
	p, r := start(t), listen(t)
	epoch := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	ch, err := p.Start(t.Context(), Config{Key: "1", Spec: spec(t, epoch, r)})
	if err != nil {
		t.Fatal(err)
	}
	first := r.next()
	if len(first) != 12+7*188 || first[12] != 0x47 {
		t.Fatalf("%d bytes: %x", len(first), first[:20])
	}
	s := ch.Snapshot()
	if s.LapSeconds != 10 || s.LapPosition < 0 || s.LapPosition > 10 || s.FrameRate != 25 || s.Frames < 3600*25-50 {
		t.Errorf("%+v", s)
	}
	if ch.Report().LoopSeconds != 10 {
		t.Errorf("%+v", ch.Report())
	}
	ch.Stop()
	if err := ch.Err(); err != nil {
		t.Error(err)
	}
}

// I1: a channel that is started again continues the same stream.
func TestRestart(t *testing.T) {
	p, r := start(t), listen(t)
	c := Config{Key: "1", Spec: spec(t, time.Now().Add(-time.Minute), r)}
	var last uint16
	for i := range 3 {
		ch, err := p.Start(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		number := binary.BigEndian.Uint16(r.next()[2:])
		if step := number - last; i > 0 && (step == 0 || step > 10_000) {
			t.Errorf("sequence number %d after %d", number, last)
		}
		ch.Stop()
		last = number
	}
}

// I1: however a channel is started, it sends what its playlist has. Without an epoch
// it begins with the first packet.
func TestStartNow(t *testing.T) {
	p, r := start(t), listen(t)
	c := Config{Key: "1", Spec: spec(t, time.Time{}, r), FailFast: true}
	ch, err := p.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := r.take(30)
	ch.Stop()
	c.Spec = ch.Spec()
	if late := time.Since(c.Spec.Epoch); late < 0 || late > 10*time.Second || binary.BigEndian.Uint16(got[0][2:]) != 0 {
		t.Errorf("the epoch was %v ago, the first datagram is number %d", late, binary.BigEndian.Uint16(got[0][2:]))
	}
	expect(t, c, got)
	again := c
	again.FailFast = false
	if ch, err = p.Start(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	expect(t, c, r.take(30))
	ch.Stop()
	c.Schedule.Pauses = []channel.Pause{{From: time.Now()}}
	c.Spec.Epoch = time.Time{}
	if _, err := p.Start(t.Context(), c); fault.KindOf(err) != fault.Usage {
		t.Errorf("a schedule without an epoch: %v", err)
	}
}

// If a remote source refuses the beginning of the stream, Start fails or waits.
// ahead is a clock that differs from the wall clock, as that was set since.
type ahead struct {
	playout.Clock
	by time.Duration
}

func (a ahead) Now() playout.Instant       { return a.Clock.Now().Add(a.by) }
func (a ahead) Wait(until playout.Instant) { a.Clock.Wait(until.Add(-a.by)) }

func (a ahead) Clone() (playout.Clock, error) {
	c, err := a.Clock.Clone()
	return ahead{c, a.by}, err
}

// What starts now begins now by the clock that sends, whatever the wall clock says.
func TestWallClockThatWasSet(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		clock, err := playout.NewClock()
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(Options{NewClock: func() (playout.Clock, error) { return ahead{clock, by}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.Start(t.Context(), Config{Spec: spec(t, time.Time{}, listen(t))})
		if err != nil {
			t.Fatal(err)
		}
		if late := p.Now().Sub(c.Spec().Epoch); late.Abs() > 10*time.Second || p.Now().Sub(time.Now().Add(by)).Abs() > time.Second {
			t.Errorf("the clock is %v ahead: the epoch is %v past", by, late)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Run(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestFailFast(t *testing.T) {
	movie := indexApart(t)
	for failFast, want := range map[bool]fault.Kind{true: fault.Source, false: fault.Internal} {
		t.Setenv("LILO_CACHE", t.TempDir())
		var refuses atomic.Bool
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refuses.Swap(true) {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			w.Header().Set("ETag", `"1"`) // Of the clip only the index arrives.
			http.ServeContent(cutWriter{w}, r, "clip.mp4", time.Time{}, bytes.NewReader(movie))
		}))
		defer server.Close()
		p, err := New(Options{Source: LocalOptions().Source})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		s := spec(t, time.Time{}, listen(t))
		s.Source, s.MuxRate = server.URL+"/clip.mp4", 10_000_000 // Samples are sent up to a second ahead.
		if _, err := p.Start(ctx, Config{Key: "1", Spec: s, FailFast: failFast}); fault.KindOf(err) != want || failFast != (ctx.Err() == nil) {
			t.Errorf("fail fast %v: %v", failFast, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// indexApart returns the clip with 78 kB of nothing between its index and its samples.
func indexApart(t *testing.T) []byte {
	t.Helper()
	const gap = 78_000
	r, size := clip.Open()
	b := make([]byte, size)
	if _, err := r.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	for at := bytes.Index(b, []byte("stco")); at > 0; { // ISO/IEC 14496-12, 8.7.5
		for i := range binary.BigEndian.Uint32(b[at+8:]) {
			offset := b[at+12+4*int(i):]
			binary.BigEndian.PutUint32(offset, binary.BigEndian.Uint32(offset)+gap)
		}
		next := bytes.Index(b[at+4:], []byte("stco"))
		if next < 0 {
			break
		}
		at += 4 + next
	}
	samples := bytes.Index(b, []byte("mdat")) - 4
	free := make([]byte, gap)
	binary.BigEndian.PutUint32(free, gap)
	copy(free[4:], "free")
	return slices.Concat(b[:samples], free, b[samples:])
}

// cutWriter breaks the connection after 140,000 bytes, with which the beginning of the samples arrives.
type cutWriter struct{ http.ResponseWriter }

func (w cutWriter) Write(b []byte) (int, error) { return w.ResponseWriter.Write(b) }

func (w cutWriter) ReadFrom(r io.Reader) (int64, error) {
	_, _ = io.CopyN(w.ResponseWriter, r, 140_000)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// A source that is being opened when a player ends does not outlive it.
func TestRunWaitsForWhatIsOpened(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(asked); <-release }))
	defer server.Close()
	defer close(release)
	t.Setenv("LILO_CACHE", t.TempDir())
	p, err := New(LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	s := spec(t, time.Now(), listen(t))
	s.Source = server.URL + "/movie.mp4"
	if _, err := p.Start(ctx, Config{Key: "1", Spec: s}); fault.KindOf(err) != fault.Internal {
		t.Error(err)
	}
	if err := p.Run(ctx); err != nil {
		t.Error(err)
	}
	if p.inputs.opening != 0 {
		t.Errorf("%d sources are being opened", p.inputs.opening)
	}
}

func TestStartFails(t *testing.T) {
	p, r := start(t), listen(t)
	good := spec(t, time.Now(), r)
	for name, c := range map[string]struct {
		change func(*channel.Spec)
		kind   fault.Kind
	}{
		"no file":    {func(s *channel.Spec) { s.Source = filepath.Join(t.TempDir(), "none.mp4") }, fault.Source},
		"a low rate": {func(s *channel.Spec) { s.MuxRate = 100_000 }, fault.Rate},
		"no interface": {func(s *channel.Spec) {
			s.To = []channel.Destination{{Scheme: "udp", Host: "239.1.1.1", Port: 5000, Packets: 7, Interface: "none0"}}
		}, fault.Destination},
	} {
		s := good
		c.change(&s)
		if _, err := p.Start(t.Context(), Config{Key: name, Spec: s}); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}
