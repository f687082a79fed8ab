package datagram

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
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
	path   int  // its MTU
	room   int  // its send buffer
	old    bool // a new socket would leave by another interface
	cut    bool // it may fragment
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

func (s *scripted) setBody(bytes int)  { s.body = bytes }
func (s *scripted) mtu() int           { return s.path }
func (s *scripted) stale() bool        { return s.old }
func (s *scripted) buffer() int        { return s.room }
func (s *scripted) fragment()          { s.cut = true }
func (s *scripted) source() netip.Addr { return netip.Addr{} }
func (s *scripted) close() error       { s.closed = true; return nil }

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

// A host that refuses for long, and one whose address has changed, is looked up again; its new
// address is told once.
func TestNameIsLookedUpAgain(t *testing.T) {
	a, b, d := mustPeer("192.0.2.1:5000"), mustPeer("192.0.2.2:5000"), mustPeer("192.0.2.3:5000")
	gone := errors.New("no such host")
	for name, c := range map[string]struct {
		now  []netip.AddrPort // what the name resolves to, nothing at all for an error
		err  error            // of the socket
		want netip.AddrPort
		note string
	}{
		"refused, the name has moved":       {[]netip.AddrPort{d}, syscall.ECONNREFUSED, d, "news.example is sent to at 192.0.2.3 now, no longer at 192.0.2.1"},
		"refused, there is another address": {[]netip.AddrPort{a, b}, syscall.ECONNREFUSED, b, "news.example is sent to at 192.0.2.2 now, no longer at 192.0.2.1"},
		"refused, nothing has changed":      {[]netip.AddrPort{a}, syscall.ECONNREFUSED, a, ""},
		"refused, the name is unknown":      {nil, syscall.ECONNREFUSED, a, ""},
		"unreachable, the name has moved":   {[]netip.AddrPort{d, b}, syscall.EHOSTUNREACH, d, "news.example is sent to at 192.0.2.3 now, no longer at 192.0.2.1"},
		"unreachable, it is kept":           {[]netip.AddrPort{b, a}, syscall.EHOSTUNREACH, a, ""},
	} {
		t.Run(name, func(t *testing.T) {
			old := &scripted{body: 188}
			for range 20 {
				old.script = append(old.script, c.err)
			}
			dialled := make(chan netip.AddrPort, 10)
			dial := func(to address) (socket, error) {
				dialled <- to.peer
				if to.peer == a && len(dialled) == 1 {
					return old, nil
				}
				return &scripted{body: 188}, nil
			}
			conn, err := open(address{Destination: channel.Destination{Host: "news.example"}, peer: a, body: 188}, Header{}, dial)
			if err != nil {
				t.Fatal(err)
			}
			conn.after = func(time.Duration) <-chan time.Time { return time.After(0) }
			conn.find = func(context.Context) ([]netip.AddrPort, error) {
				if c.now == nil {
					return nil, gone
				}
				return c.now, nil
			}
			for range 10 { // Ten refusals are ten seconds.
				if conn.Send(0, make([]byte, 188)); conn.reopened != nil {
					break
				}
			}
			<-dialled
			if got := <-dialled; got != c.want {
				t.Errorf("the new socket leads to %v, want %v", got, c.want)
			}
			for len(conn.reopened) == 0 {
				runtime.Gosched()
			}
			for i, want := range []string{c.note, ""} {
				if r := conn.Send(0, make([]byte, 188)); r.Sent != 1 || r.Note != want {
					t.Errorf("Send %d = %+v, want the note %q", i, r, want)
				}
			}
			if conn.Peer() != c.want {
				t.Errorf("Peer = %v, want %v", conn.Peer(), c.want)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What the path takes decides how many TS packets a datagram has, unless the
// destination says so. Everything is told once.
func TestPath(t *testing.T) {
	const header = 12
	note := func(packets int) string {
		return fmt.Sprintf("the path takes 1300 bytes at once, so datagrams have 6 TS packets from now on instead of %d, "+
			"and RTP sequence numbers jump once: pkt=6 says so from the start", packets)
	}
	const cut = "datagrams of 1356 bytes are fragmented, because the path takes 1300 at once"
	for name, c := range map[string]struct {
		to      channel.Destination
		path    int
		packets int
		note    string
		cut     bool
	}{
		"all fit":               {channel.Destination{}, 1500, 7, "", false},
		"exactly":               {channel.Destination{}, 1356, 7, "", false},
		"a narrow path":         {channel.Destination{}, 1300, 6, note(7), true},
		"pkt= holds":            {channel.Destination{Packets: 7}, 1300, 7, cut + ": pkt=6 avoids it", true},
		"mtu= chooses":          {channel.Destination{MTU: 1300}, 1500, 6, "", false},
		"mtu= is optimistic":    {channel.Destination{MTU: 1400}, 1300, 7, cut + ": pkt=6 avoids it", true},
		"nothing fits":          {channel.Destination{Packets: 7}, 200, 7, "datagrams of 1356 bytes are fragmented, because the path takes 200 at once", true},
		"the path is not known": {channel.Destination{}, 0, 7, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := &scripted{path: c.path}
			a := address{Destination: c.to, peer: mustPeer("192.0.2.1:5000"), head: header, body: c.to.MostPackets() * packet.Size}
			if err := a.fitMTU(); err != nil {
				t.Fatal(err)
			}
			w.body = a.body
			conn, err := open(a, Header{Size: header, Write: func([]byte, packet.Number, packet.Number) {}}, func(address) (socket, error) { return w, nil })
			if err != nil {
				t.Fatal(err)
			}
			if got := conn.Packets(); got != c.packets || w.body != got*packet.Size || w.cut != c.cut {
				t.Errorf("%d packets in %d bytes, fragmented: %v; want %d packets, %v", got, w.body, w.cut, c.packets, c.cut)
			}
			for i, want := range []string{c.note, ""} {
				r := conn.Send(0, make([]byte, w.body))
				if r.Note != want || r.Sent != 1 || (r.Shorter == output.Shorter{From: 7, To: 6}) != (want != "" && c.packets == 6) {
					t.Errorf("Send %d = %+v, want the note %q", i, r, want)
				}
			}
		})
	}
}

// Bare UDP has no sequence numbers that could jump.
func TestPathOfBareUDP(t *testing.T) {
	w := &scripted{path: 1300, body: 7 * packet.Size}
	conn, err := open(address{peer: mustPeer("192.0.2.1:5000"), body: 7 * packet.Size}, Header{}, func(address) (socket, error) { return w, nil })
	if err != nil {
		t.Fatal(err)
	}
	const want = "the path takes 1300 bytes at once, so datagrams have 6 TS packets from now on instead of 7: pkt=6 says so from the start"
	if r := conn.Send(0, make([]byte, w.body)); r.Note != want {
		t.Errorf("Note %q, want %q", r.Note, want)
	}
}

// RFC 1191, 6.5: a path may turn out narrower on the way. The present train is fragmented,
// the next one is shorter, and the sequence numbers follow from the packets alone.
func TestPathBecomesNarrow(t *testing.T) {
	w := &scripted{body: 7 * packet.Size, path: 1500, script: []error{nil, syscall.EMSGSIZE}}
	var numbers []packet.Number
	header := Header{Size: 12, Write: func(_ []byte, n, number packet.Number) { numbers = append(numbers, number) }}
	conn, err := open(address{peer: mustPeer("192.0.2.1:5000"), head: 12, body: 7 * packet.Size}, header, func(address) (socket, error) { return w, nil })
	if err != nil {
		t.Fatal(err)
	}
	conn.Send(0, make([]byte, 7*packet.Size))
	w.path = 1300
	if r := conn.Send(7, make([]byte, 2*7*packet.Size)); r.Sent != 2 || r.Dropped != 0 || !strings.Contains(r.Note, "pkt=6") || !w.cut {
		t.Errorf("Send = %+v, fragmented: %v", r, w.cut)
	}
	if got := conn.Packets(); got != 6 {
		t.Fatalf("%d packets a datagram, want 6", got)
	}
	if r := conn.Send(24, make([]byte, 6*packet.Size)); r != (output.Result{Sent: 1}) {
		t.Errorf("Send = %+v", r)
	}
	if want := []packet.Number{0, 1, 2, 4}; !slices.Equal(numbers, want) {
		t.Errorf("numbers %v, want %v", numbers, want)
	}
}

func TestSmallerBufferIsTold(t *testing.T) {
	for room, want := range map[int]string{
		212_992: "sndbuf=4000000: the system grants 212992 bytes: raise net.core.wmem_max", 4_000_000: "", 0: "",
	} {
		a := address{Destination: channel.Destination{SendBuffer: 4_000_000}, peer: mustPeer("192.0.2.1:5000"), body: 188}
		c, err := open(a, Header{}, func(address) (socket, error) { return &scripted{body: 188, room: room}, nil })
		if err != nil {
			t.Fatal(err)
		}
		if r := c.Send(0, make([]byte, 188)); r.Note != want {
			t.Errorf("with room for %d it tells %q, want %q", room, r.Note, want)
		}
	}
}

// A group follows the routes: they may lead by another interface later.
func TestRoutesAreLookedUpAgain(t *testing.T) {
	for name, c := range map[string]struct {
		to   channel.Destination
		peer string
		old  bool
		want bool
	}{
		"the routes have changed": {channel.Destination{}, "239.1.1.1:5000", true, true},
		"they have not":           {channel.Destination{}, "239.1.1.1:5000", false, false},
		"an interface is named":   {channel.Destination{Interface: "va"}, "239.1.1.1:5000", true, false},
		"unicast":                 {channel.Destination{}, "192.0.2.1:5000", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := &scripted{body: 188, old: c.old}, &scripted{body: 188}
			sockets := []*scripted{first, second}
			conn, err := open(address{Destination: c.to, peer: mustPeer(c.peer), body: 188}, Header{}, func(address) (socket, error) {
				s := sockets[0]
				sockets = sockets[1:]
				return s, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for range calmSends {
				conn.Send(0, make([]byte, 188))
			}
			for conn.reopened != nil && len(conn.reopened) == 0 {
				runtime.Gosched()
			}
			if r := conn.Send(0, make([]byte, 188)); r.Sent != 1 || (second.sent == 1) != c.want || first.closed != c.want || conn.reopened != nil {
				t.Errorf("Send = %+v, by the new socket: %v, want %v", r, second.sent == 1, c.want)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMTUThatPacketsDoNotFit(t *testing.T) {
	to := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: 5000, MTU: 1300, Packets: 7}
	_, err := Open(t.Context(), to, Header{Size: 12}, nil)
	const want = "rtp://127.0.0.1:5000: pkt=7 does not fit into mtu=1300: pkt=6 does"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func mustPeer(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestOpenNamesTheMissingInterfaceOnce(t *testing.T) {
	to := channel.Destination{Scheme: "udp", Host: "239.1.1.1", Port: 5000, Interface: "none0", Packets: 7}
	_, err := Open(t.Context(), to, Header{}, nil)
	const want = `udp://239.1.1.1:5000?iface=none0: cannot open a socket to it: no network interface "none0": choose another with iface=`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
