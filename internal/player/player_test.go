package player

import (
	"context"
	"encoding/binary"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// started returns a Player that plays until the test ends.
func started(t *testing.T) *Player {
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
	a, r := started(t), listen(t)
	epoch := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	b, err := a.Start(t.Context(), Config{Key: "1", Spec: spec(t, epoch, r)})
	if err != nil {
		t.Fatal(err)
	}
	first := r.next()
	if len(first) != 12+7*188 || first[12] != 0x47 {
		t.Fatalf("%d bytes: %x", len(first), first[:20])
	}
	s := b.Snapshot()
	if s.LapSeconds != 10 || s.LapPosition < 0 || s.LapPosition > 10 || s.FrameRate != 25 || s.Frames < 3600*25-50 {
		t.Errorf("%+v", s)
	}
	if b.Report().LoopSeconds != 10 {
		t.Errorf("%+v", b.Report())
	}
	b.Stop()
	if err := b.Err(); err != nil {
		t.Error(err)
	}
}

// I1: a channel that is started again goes on in the same stream.
func TestStartedAgain(t *testing.T) {
	a, r := started(t), listen(t)
	c := Config{Key: "1", Spec: spec(t, time.Now().Add(-time.Minute), r)}
	var last uint16
	for i := range 3 {
		b, err := a.Start(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		number := binary.BigEndian.Uint16(r.next()[2:])
		if step := number - last; i > 0 && (step == 0 || step > 10_000) {
			t.Errorf("sequence number %d after %d", number, last)
		}
		b.Stop()
		last = number
	}
}

func TestStartFails(t *testing.T) {
	a, r := started(t), listen(t)
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
		if _, err := a.Start(t.Context(), Config{Key: name, Spec: s}); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}
