package player

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
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
