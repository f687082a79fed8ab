package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// quick are the limits of the tests of slow clients.
func quick() limits {
	l := defaultLimits()
	l.header, l.body, l.idle, l.write, l.refused = 400*time.Millisecond, 400*time.Millisecond, 400*time.Millisecond, 400*time.Millisecond, 200*time.Millisecond
	return l
}

// site is a test server that answers on a socket.
type site struct {
	*testServer
	web     *webServer
	address string
}

func newSite(t *testing.T, credentials bool, l limits, change func(*Options)) *site {
	t.Helper()
	s := &site{testServer: newTestServer(t, credentials, change)}
	s.access.guard.limits = l
	s.web = newWebServer(t.Context(), s.handler, &s.cert, l, s.env.Log)
	s.address = s.listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.web.serve(s.listener) }()
	t.Cleanup(func() {
		s.web.shutdown(context.Background())
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *site) count() int {
	s.web.connections.mu.Lock()
	defer s.web.connections.mu.Unlock()
	return s.web.connections.total + s.web.connections.reserved
}

func (s *site) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// send writes to a connection until that fails, as a client does that does not wait.
func send(c io.Writer, text string) { _, _ = io.WriteString(c, text) }

// drip sends one byte after the other, without an end.
func drip(c net.Conn) {
	for {
		if _, err := c.Write([]byte("a")); err != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

const (
	login  = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	sizes  = "Content-Length: 100000\r\n\r\n"
	script = "GET /assets/hls.js HTTP/1.1\r\nHost: x\r\n\r\n"
)

// TestSlowClients has clients of every kind that keep a server waiting. All of them
// lose their connection, those that a page of another server sends too.
func TestSlowClients(t *testing.T) {
	plain := newSite(t, true, quick(), nil)
	secure := newSite(t, true, quick(), func(o *Options) { o.TLSSelf = true })
	open := newSite(t, false, quick(), nil)
	for name, c := range map[string]struct {
		site *site
		do   func(*testing.T, net.Conn)
	}{
		"nothing is sent":       {plain, func(*testing.T, net.Conn) {}},
		"half a header":         {plain, func(_ *testing.T, c net.Conn) { send(c, "GET /healthz HTTP/1.1\r\nHo") }},
		"a header byte by byte": {plain, func(_ *testing.T, c net.Conn) { send(c, "GET /healthz HTTP/1.1\r\nX-A: "); drip(c) }},
		"no body":               {plain, func(_ *testing.T, c net.Conn) { send(c, login+sizes) }},
		"no body for the API":   {plain, func(_ *testing.T, c net.Conn) { send(c, "POST /prod/channels HTTP/1.1\r\nHost: x\r\n"+sizes) }},
		"no body for the page":  {plain, func(_ *testing.T, c net.Conn) { send(c, "POST /console/channels HTTP/1.1\r\nHost: x\r\n"+sizes) }},
		"no body for health":    {plain, func(_ *testing.T, c net.Conn) { send(c, "POST /healthz HTTP/1.1\r\nHost: x\r\n"+sizes) }},
		"no body for HLS":       {plain, func(_ *testing.T, c net.Conn) { send(c, "POST /hls/1/index.m3u8 HTTP/1.1\r\nHost: x\r\n"+sizes) }},
		"no body for metrics":   {plain, func(_ *testing.T, c net.Conn) { send(c, "GET /metrics HTTP/1.1\r\nHost: x\r\n"+sizes) }},
		"no chunk of a body":    {plain, func(_ *testing.T, c net.Conn) { send(c, login+"Transfer-Encoding: chunked\r\n\r\n5\r\nuser") }},
		"a body byte by byte":   {plain, func(_ *testing.T, c net.Conn) { send(c, login+sizes); drip(c) }},
		"a body after 100":      {plain, func(_ *testing.T, c net.Conn) { send(c, login+"Expect: 100-continue\r\n"+sizes) }},
		"no body, wrong host": {open, func(_ *testing.T, c net.Conn) {
			send(c, strings.Replace(login, "Host: x", "Host: evil.example", 1)+sizes)
		}},
		"no body, wrong origin":  {plain, func(_ *testing.T, c net.Conn) { send(c, login+"Origin: https://evil.example\r\n"+sizes); drip(c) }},
		"no body, too long":      {plain, func(_ *testing.T, c net.Conn) { send(c, login+"Content-Length: 100000000\r\n\r\n"); drip(c) }},
		"no further request":     {plain, func(_ *testing.T, c net.Conn) { send(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") }},
		"half a further request": {plain, func(_ *testing.T, c net.Conn) { send(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /h") }},
		"nothing is read":        {plain, func(_ *testing.T, c net.Conn) { send(c, strings.Repeat(script, 200)) }},
		"a response byte by byte": {plain, func(_ *testing.T, c net.Conn) {
			_ = c.(*net.TCPConn).SetReadBuffer(4096)
			send(c, strings.Repeat(script, 100))
			for b := make([]byte, 1); ; time.Sleep(20 * time.Millisecond) {
				if _, err := c.Read(b); err != nil {
					return
				}
			}
		}},
		"health without end": {plain, func(_ *testing.T, c net.Conn) {
			send(c, strings.Repeat("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 50000))
		}},
		"no TLS handshake":               {secure, func(*testing.T, net.Conn) {}},
		"half a TLS handshake":           {secure, func(_ *testing.T, c net.Conn) { send(c, "\x16\x03\x01\x02\x00\x01\x00") }},
		"TLS and no request":             {secure, func(t *testing.T, c net.Conn) { handshake(t, c, "http/1.1") }},
		"TLS and no body":                {secure, func(t *testing.T, c net.Conn) { send(handshake(t, c, "http/1.1"), login+sizes) }},
		"HTTP/2 without settings":        {secure, func(t *testing.T, c net.Conn) { send(handshake(t, c, "h2"), http2.ClientPreface) }},
		"HTTP/2 without a request":       {secure, func(t *testing.T, c net.Conn) { newFramer(t, c) }},
		"HTTP/2 with half a header":      {secure, func(t *testing.T, c net.Conn) { newFramer(t, c).open(t, 1, false, "POST", "/login", false) }},
		"HTTP/2 without bodies":          {secure, func(t *testing.T, c net.Conn) { newFramer(t, c).many(t, "POST", "/prod/channels", false) }},
		"HTTP/2, nothing is let through": {secure, func(t *testing.T, c net.Conn) { newFramer(t, c).many(t, "GET", "/assets/hls.js", true) }},
	} {
		t.Run(name, func(t *testing.T) {
			conn := c.site.dial(t)
			done := make(chan struct{})
			t.Cleanup(func() {
				conn.Close()
				<-done
			})
			go func() {
				defer close(done)
				c.do(t, conn)
			}()
			begin := time.Now()
			for time.Sleep(100 * time.Millisecond); c.site.count() > 0; time.Sleep(10 * time.Millisecond) {
				if time.Since(begin) > 10*time.Second {
					t.Fatal("it still has its connection")
				}
			}
		})
	}
}

// handshake makes a connection one of TLS.
func handshake(t *testing.T, c net.Conn, protocol string) *tls.Conn {
	s := tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
	if err := s.Handshake(); err != nil || s.ConnectionState().NegotiatedProtocol != protocol {
		t.Errorf("%v, %q", err, s.ConnectionState().NegotiatedProtocol)
	}
	return s
}

// framer is a client of HTTP/2 that answers nothing but pings.
type framer struct{ *http2.Framer }

func newFramer(t *testing.T, c net.Conn) *framer {
	s := handshake(t, c, "h2")
	send(s, http2.ClientPreface)
	f := &framer{http2.NewFramer(s, s)}
	if err := f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}); err != nil {
		t.Error(err)
	}
	return f
}

func (f *framer) open(t *testing.T, id uint32, ended bool, method, path string, whole bool) {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, h := range [][2]string{{":method", method}, {":scheme", "https"}, {":authority", "x"}, {":path", path}} {
		if err := e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]}); err != nil {
			t.Error(err)
		}
	}
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: b.Bytes(), EndStream: ended, EndHeaders: whole})
}

// many opens as many streams as it may, and answers pings for ever.
func (f *framer) many(t *testing.T, method, path string, ended bool) {
	for i := range uint32(maxStreams) {
		f.open(t, 2*i+1, ended, method, path, true)
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		if p, ok := frame.(*http2.PingFrame); ok && !p.IsAck() {
			_ = f.WritePing(true, p.Data)
		}
	}
}

// TestManySlowClients opens as many connections as a server takes, and more, all of
// them of clients that keep it waiting. Others are answered at once.
func TestManySlowClients(t *testing.T) {
	s := newSite(t, true, defaultLimits(), nil)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	cookie := "lilo_session=" + cookies(s.do("POST", "/login", loginForm(anna, annas), form))[sessionCookie].Value
	opened := func(text string) {
		for range s.web.connections.connections {
			c, err := net.Dial("tcp", s.address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			send(c, text)
		}
	}
	for _, text := range []string{login + sizes, "GET /healthz HTTP/1.1\r\n", strings.Replace(login, "Host: x", "Host: x\r\nOrigin: https://evil.example", 1) + sizes} {
		opened(text)
		if n := s.count(); n > s.web.connections.connections {
			t.Errorf("%d connections", n)
		}
		for path, want := range map[string]int{"/healthz": 200, "/console/channels": 200, "/metrics": 200, "/prod/channels": 200, "/": 200} {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.address+path, nil)
			if r.Header.Set("Cookie", cookie); strings.HasPrefix(path, "/prod") {
				sign(t, s.testServer, r)
			}
			begin := time.Now()
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if took := time.Since(begin); response.StatusCode != want || took > time.Second {
				t.Errorf("%s: %s after %v", path, response.Status, took)
			}
		}
	}
}

// busy is a handler whose requests work until they are released.
type busy struct {
	working atomic.Int32
	release chan struct{}
}

func (b *busy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/healthz" {
		b.working.Add(1)
		<-b.release
	}
	fmt.Fprint(w, "ok")
}

// TestReserve has as many requests in progress as there may be. Only /healthz is
// answered beside them, and for a short time.
func TestReserve(t *testing.T) {
	l := defaultLimits()
	l.connections, l.perAddress, l.reserve, l.reserveTime = 4, 3, 2, 300*time.Millisecond
	b := &busy{release: make(chan struct{})}
	g := &guard{limits: l, log: newTestServer(t, false, nil).env.Log}
	web := newWebServer(t.Context(), g.wrap(b), new(atomic.Pointer[tls.Certificate]), l, g.log)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = web.serve(listener) }()
	defer web.shutdown(context.Background())
	defer close(b.release)
	get := func(c net.Conn, path string) string {
		send(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		text := make([]byte, 12)
		_, _ = io.ReadFull(c, text)
		return string(text)
	}
	dial := func(from string) net.Conn {
		c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for i := range int32(3) {
		send(dial("127.0.0.1"), "GET /work HTTP/1.1\r\nHost: x\r\n\r\n")
		for b.working.Load() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	one := dial("127.0.0.1")
	if got := get(one, "/healthz"); got != "HTTP/1.1 200" {
		t.Errorf("/healthz in the reserve: %q", got)
	}
	if got := get(dial("127.0.0.1"), "/work"); got != "HTTP/1.1 503" {
		t.Errorf("/work in the reserve: %q", got)
	}
	if n, err := io.Copy(io.Discard, one); err != nil {
		t.Errorf("the reserve does not end: %d, %v", n, err)
	}
	// Another address has room, and takes it from nobody who works.
	send(dial("127.0.0.2"), "GET /work HTTP/1.1\r\nHost: x\r\n\r\n")
	for b.working.Load() < 4 {
		time.Sleep(time.Millisecond)
	}
}

// TestWhoseConnectionIsClosed tells whose connection makes room for another.
func TestWhoseConnectionIsClosed(t *testing.T) {
	l := defaultLimits()
	l.connections, l.perAddress, l.reserve = 5, 3, 1
	all := newConnections(l)
	dial := func(from string) *connection {
		c, _ := all.admit(&fakeConn{from: from}).(*connection)
		return c
	}
	a1, a2, a3 := dial("192.0.2.1:1"), dial("192.0.2.1:2"), dial("192.0.2.1:3")
	a1.show()
	a4 := dial("192.0.2.1:4")
	if !a2.gone || a1.gone || a3.gone || a4.gone {
		t.Error("of one address, the oldest whose client is unknown must go")
	}
	b1, c1 := dial("[2001:db8::1]:1"), dial("198.51.100.1:1")
	a3.begin()
	c2 := dial("198.51.100.2:1")
	if !a4.gone || b1.gone || c1.gone || c2 == nil {
		t.Error("of all, one of the address with the most must go, and none that works")
	}
	a3.end()
	b1.begin()
	b1.begin() // HTTP/2 counts requests, and takes room for them.
	if !a3.gone || all.total != 5 {
		t.Errorf("a stream took no room: %d in all", all.total)
	}
	b1.end()
	b1.end()
	for _, c := range []*connection{a1, b1, c1, c2} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		_ = c.Close() // The second time does nothing.
	}
	if all.total != 0 || len(all.addresses) != 0 || all.waiting.Len() != 0 {
		t.Errorf("%d are left, %v", all.total, all.addresses)
	}
}

type fakeConn struct {
	net.Conn
	from string
}

func (f *fakeConn) RemoteAddr() net.Addr {
	a, _ := net.ResolveTCPAddr("tcp", f.from)
	return a
}

func (*fakeConn) Close() error { return nil }

func (*fakeConn) SetDeadline(time.Time) error { return nil }
