package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// freePort is a UDP port of the loopback that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// TestReceive sends a stream over the loopback, as fast as it is read, and
// wants every packet of it measured.
func TestReceive(t *testing.T) {
	s := rtpStream{newWriter(0).run(7 * 300).bytes()}
	forms := map[string]func(i int) []byte{
		"rtp": func(i int) []byte { return s.datagram(i, 0, 0) },
		"udp": func(i int) []byte { return s.ts[i*1316 : (i+1)*1316] },
	}
	for scheme, datagram := range forms {
		t.Run(scheme, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			opts := ReceiveOptions{Options: testOptions(), Timeout: 30 * time.Second}
			opts.OnListen = func(addr net.Addr) { go send(t, addr, datagram, cancel) }
			r, err := Measure(ctx, []string{scheme + "://" + freePort(t)}, opts)
			if err != nil {
				t.Fatal(err)
			}
			if r.Network.Datagrams+r.Network.Overrun != 300 || r.Network.Overrun == 0 && r.Packets != 2100 {
				t.Errorf("%d datagrams and %d packets, want 300 and 2100", r.Network.Datagrams, r.Packets)
			}
			if (r.RTP != nil) != (scheme == "rtp") || r.Count(Continuity) != 0 && r.Network.Overrun == 0 {
				t.Errorf("RTP %+v, verdict %s", r.RTP, r.Verdict)
			}
			if r.PCR.JitterMS == nil {
				t.Error("no arrival times")
			}
		})
	}
}

// send writes 300 datagrams, gives the receiver a moment to read them, and ends it.
func send(t *testing.T, to net.Addr, datagram func(int) []byte, done func()) {
	defer done()
	c, err := net.Dial("udp4", to.String())
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	for i := range 300 {
		if _, err := c.Write(datagram(i)); err != nil {
			t.Error(err)
		}
	}
	time.Sleep(500 * time.Millisecond)
}

func TestReceiveNothing(t *testing.T) {
	_, err := Measure(t.Context(), []string{"rtp://" + freePort(t)}, ReceiveOptions{Timeout: time.Millisecond})
	if fault.KindOf(err) != fault.Stream || !strings.Contains(err.Error(), "nothing was received on rtp://127.0.0.1") {
		t.Errorf("%v", err)
	}
}

// TestReceiveFor measures a group on the loopback for a while, with a status at
// every second.
func TestReceiveFor(t *testing.T) {
	s := rtpStream{newWriter(0).run(7 * 300).bytes()}
	_, port, _ := net.SplitHostPort(freePort(t))
	var statuses []Status
	opts := ReceiveOptions{Options: testOptions(), Timeout: 30 * time.Second, For: 1500 * time.Millisecond}
	opts.OnSecond = func(s Status) { statuses = append(statuses, s) }
	opts.OnListen = func(addr net.Addr) {
		to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: addr.(*net.UDPAddr).Port}
		go send(t, to, func(i int) []byte { return s.datagram(i+i/100, 0, 0) }, func() {})
	}
	s.ts = append(s.ts, s.ts[:7*3*188]...)
	r, err := Measure(t.Context(), []string{"rtp://0.0.0.0:" + port}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(statuses) != 1 {
		t.Fatalf("%d statuses, want 1", len(statuses))
	}
	st := statuses[0]
	if st.Elapsed < time.Second || st.Datagrams+r.Network.Overrun != 300 || r.Network.Overrun == 0 && (st.Lost != 2 || st.Errors < 2 || st.BitRate < 300*1328*8/2) {
		t.Errorf("%+v, report %s", st, r.Verdict)
	}
}

func TestJoinAGroup(t *testing.T) {
	_, port, _ := net.SplitHostPort(freePort(t))
	for _, group := range []string{"239.255.1.2", "[ff01::1:2]"} {
		_, err := Measure(t.Context(), []string{"udp://" + group + ":" + port + "?iface=lo"}, ReceiveOptions{Timeout: time.Millisecond})
		if fault.KindOf(err) != fault.Stream || !strings.Contains(err.Error(), "nothing was received on udp://"+group) {
			t.Errorf("%v, want that the group was joined and nothing received", err)
		}
	}
	if _, err := Measure(t.Context(), []string{"rtp://nowhere"}, ReceiveOptions{}); fault.KindOf(err) != fault.Usage {
		t.Errorf("no port: %v", err)
	}
}

func TestReceiveSomethingElse(t *testing.T) {
	opts := ReceiveOptions{Timeout: time.Second}
	opts.OnListen = func(addr net.Addr) {
		go send(t, addr, func(int) []byte { return []byte("hello") }, func() {})
	}
	_, err := Measure(t.Context(), []string{"udp://" + freePort(t)}, opts)
	if fault.KindOf(err) != fault.Stream || !strings.Contains(err.Error(), "not an MPEG transport stream") {
		t.Errorf("%v", err)
	}
}

func TestParseLocation(t *testing.T) {
	tests := []struct {
		in, addr, iface, path string
		kind                  fault.Kind
	}{
		{in: "rtp://127.0.0.1:5000", addr: "127.0.0.1:5000"},
		{in: "udp://0.0.0.0:5000", addr: "0.0.0.0:5000"},
		{in: "rtp://@:5000", addr: "0.0.0.0:5000"},
		{in: "rtp://:5000", addr: "0.0.0.0:5000"},
		{in: "udp://[ff02::7%25lo]:1234", addr: "[ff02::7%lo]:1234", iface: "lo"},
		{in: "rtp://[ff02::7%lo]:1234", addr: "[ff02::7%lo]:1234", iface: "lo"},
		{in: "udp://@239.1.1.1:1234?iface=lo", addr: "239.1.1.1:1234", iface: "lo"},
		{in: "rtp://[ff02::1]:5000", addr: "[ff02::1]:5000"},
		{in: "rtp://localhost:5000", addr: "127.0.0.1:5000"},
		{in: "a/b.ts", path: "a/b.ts"},
		{in: "file:///tmp/x%20y.ts", path: "/tmp/x y.ts"},
		{in: "-", path: "-"},
		{in: "", kind: fault.Usage},
		{in: "http://x/y", kind: fault.Usage},
		{in: "rtp://127.0.0.1", kind: fault.Usage},
		{in: "rtp://127.0.0.1:0", kind: fault.Usage},
		{in: "rtp://127.0.0.1:99999", kind: fault.Usage},
		{in: "rtp://nowhere.example:5000", kind: fault.Destination},
	}
	for _, tt := range tests {
		l, err := parseLocation(tt.in)
		if tt.kind != 0 {
			if fault.KindOf(err) != tt.kind {
				t.Errorf("%q: %v, want kind %d", tt.in, err, tt.kind)
			}
			continue
		}
		addr := ""
		if l.addr.IsValid() {
			addr = l.addr.String()
		}
		if err != nil || addr != tt.addr || l.iface != tt.iface || l.path != tt.path {
			t.Errorf("%q: %+v, %v", tt.in, l, err)
		}
	}
}

func TestListenElsewhere(t *testing.T) {
	_, err := Measure(t.Context(), []string{"rtp://192.0.2.1:5000"}, ReceiveOptions{})
	if fault.KindOf(err) != fault.Destination {
		t.Errorf("%v, want a fault of the destination", err)
	}
	_, port, _ := net.SplitHostPort(freePort(t))
	_, err = Measure(t.Context(), []string{"rtp://239.255.1.2:" + port + "?iface=nosuch0"}, ReceiveOptions{})
	if fault.KindOf(err) != fault.Destination || !strings.Contains(err.Error(), "nosuch0") {
		t.Errorf("%v, want a fault of the destination that names the interface", err)
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.ts"), filepath.Join(dir, "bad.ts")
	// It begins and ends within a packet, as a capture may.
	if err := os.WriteFile(good, newWriter(0).run(3000).bytes()[100:563_900], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, bytes.Repeat([]byte("no stream"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Measure(t.Context(), []string{"file://" + good}, ReceiveOptions{Options: testOptions()})
	if err != nil || r.Verdict != "no errors" || r.Packets != 2998 {
		t.Errorf("%v: %s", err, r.String())
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	if _, err := ReadFile(t.Context(), bad, Options{}); fault.KindOf(err) != fault.Stream {
		t.Errorf("%v, want a fault of the stream", err)
	}
	if _, err := ReadFile(t.Context(), filepath.Join(dir, "none.ts"), Options{}); fault.KindOf(err) != fault.Source {
		t.Errorf("%v, want a fault of the source", err)
	}
}
