package datagram

import (
	"errors"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
)

// scripted is a socket that answers each call with the next error of a script
// and takes everything once that is used up. A call that fails takes the first
// `took` datagrams.
type scripted struct {
	body   int
	took   int
	script []error
	sent   int
	closed bool
}

func (s *scripted) write(_, payload []byte) (int, error) {
	n := len(payload) / s.body
	if len(s.script) == 0 || s.script[0] == nil {
		s.script = s.script[min(1, len(s.script)):]
		s.sent += n
		return n, nil
	}
	err := s.script[0]
	s.script = s.script[1:]
	took := min(s.took, n)
	s.sent += took
	return took, err
}

func (s *scripted) close() error { s.closed = true; return nil }

func scriptedConn(t *testing.T, sockets ...*scripted) *Conn {
	t.Helper()
	dial := func(address) (socket, error) {
		s := sockets[0]
		sockets = sockets[1:]
		return s, nil
	}
	c, err := open(address{url: "udp://test", peer: netip.MustParseAddrPort("127.0.0.1:9"), body: 188}, Header{}, dial)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendTroubles(t *testing.T) {
	const refusal, unreachable = syscall.ECONNREFUSED, syscall.ENETUNREACH
	for name, c := range map[string]struct {
		script []error
		took   int
		want   output.Result
	}{
		"all is well":                      {nil, 0, output.Result{Sent: 5}},
		"a refusal is tried again":         {[]error{refusal}, 0, output.Result{Sent: 5, Refused: 1}},
		"a refusal twice is a drop":        {[]error{refusal, refusal}, 0, output.Result{Dropped: 5, Refused: 2}},
		"each datagram is tried twice":     {[]error{refusal, refusal, refusal}, 1, output.Result{Sent: 5, Refused: 3}},
		"a full queue drops":               {[]error{syscall.EAGAIN}, 2, output.Result{Sent: 2, Dropped: 3}},
		"a full device drops":              {[]error{syscall.ENOBUFS}, 0, output.Result{Dropped: 5}},
		"no way there drops and tells why": {[]error{unreachable}, 0, output.Result{Dropped: 5, Err: unreachable}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &scripted{body: 188, took: c.took, script: c.script}
			conn := scriptedConn(t, w, &scripted{body: 188})
			if got := conn.Send(0, make([]byte, 5*188)); got != c.want {
				t.Errorf("Send = %+v, want %+v", got, c.want)
			}
			if err := conn.Close(); err != nil || !w.closed {
				t.Errorf("Close = %v, socket closed: %v", err, w.closed)
			}
		})
	}
}

func TestFailureOpensAnewOnceASecond(t *testing.T) {
	gone := syscall.ENODEV
	old, fresh := &scripted{body: 188, script: []error{gone, gone, gone}}, &scripted{body: 188}
	c := scriptedConn(t, old, fresh)
	ticks, waits := make(chan time.Time), make(chan time.Duration)
	c.after = func(d time.Duration) <-chan time.Time { waits <- d; return ticks }
	for range 3 {
		if r := c.Send(0, make([]byte, 188)); !errors.Is(r.Err, gone) {
			t.Fatalf("Send = %+v, want %v", r, gone)
		}
	}
	if d := <-waits; d != time.Second {
		t.Errorf("the socket is opened anew after %v, want 1s", d)
	}
	ticks <- time.Time{}
	for len(c.reopened) == 0 {
		runtime.Gosched()
	}
	if r := c.Send(0, make([]byte, 188)); r.Sent != 1 || fresh.sent != 1 || !old.closed {
		t.Errorf("Send = %+v; new socket sent %d, old one closed: %v", r, fresh.sent, old.closed)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func mustPeer(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestOpenNamesTheMissingInterfaceOnce(t *testing.T) {
	to := channel.Destination{Scheme: "udp", Host: "239.1.1.1", Port: 5000, Interface: "none0", Packets: 7}
	_, err := Open(t.Context(), to, Header{})
	const want = `udp://239.1.1.1:5000?iface=none0: cannot open a socket to it: no network interface "none0": choose another with iface=`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
