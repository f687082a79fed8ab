package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestCountsOfConnections fills the places and the reserve, and frees them again.
func TestCountsOfConnections(t *testing.T) {
	l := defaultLimits()
	l.connections, l.perAddress, l.reserve = 4, 3, 2
	all := newConnections(l)
	dial := func(from string) *connection {
		c, _ := all.admit(&fakeConn{from: from}).(*connection)
		return c
	}
	var working []*connection
	for _, from := range []string{"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1", "192.0.2.4:1"} {
		c := dial(from)
		if c == nil || !c.begin() {
			t.Fatalf("%s is refused", from)
		}
		working = append(working, c)
	}
	for range 3 { // What has ended makes room for another.
		first, second := dial("192.0.2.5:1"), dial("192.0.2.5:2")
		if first == nil || second == nil || first.until.IsZero() || second.until.IsZero() || dial("192.0.2.5:3") != nil {
			t.Fatal("the reserve has other than two places")
		}
		if first.begin() {
			t.Error("a reserved connection is as good as others")
		}
		_, _ = first.Close(), second.Close()
	}
	for _, c := range working {
		c.show()
		c.end()
	}
	// The known clients all wait, each at an address of its own: one of them goes.
	c, left := dial("192.0.2.5:1"), slices.DeleteFunc(slices.Clone(working), func(c *connection) bool { return c.gone })
	if c == nil || !c.until.IsZero() || len(left) != 3 {
		t.Fatalf("%d of 4 known clients are left", len(left))
	}
	// Requests of one connection count for its address.
	one := left[0]
	for range 2 {
		if !one.begin() {
			t.Fatal("an address may not have two requests")
		}
	}
	if all.addresses[one.from] != 2 || all.total != 4 {
		t.Errorf("two requests count %d of %d", all.addresses[one.from], all.total)
	}
	if !one.begin() || all.addresses[one.from] != 3 || one.begin() {
		t.Errorf("an address has %d requests, and may have more", all.addresses[one.from])
	}
	for range 3 {
		one.end()
	}
	if one.requests != 0 || one.working != 0 || all.addresses[one.from] != 1 {
		t.Errorf("after the requests, %+v counts %d", one, all.addresses[one.from])
	}
}

// TestNoLimitIsMissing checks that each limit is one: 0 would be none.
func TestNoLimitIsMissing(t *testing.T) {
	l := defaultLimits()
	for name, d := range map[string]time.Duration{"header": l.header, "body": l.body, "idle": l.idle, "write": l.write, "refused": l.refused, "reserve": l.reserveTime} {
		if d < time.Second || d > 5*time.Minute {
			t.Errorf("%s: %v", name, d)
		}
	}
}

// TestPatience writes a response: what a client accepts buys it time, up to the limit.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := httptest.NewRecorder()
		w := &deadlineWriter{ResponseWriter: rec, control: http.NewResponseController(rec), patience: time.Second, most: 30 * time.Second}
		for _, step := range []struct {
			bytes int
			want  time.Duration
		}{{0, time.Second}, {minRate, 2 * time.Second}, {3 * minRate / 2, 3500 * time.Millisecond}, {writePart + minRate, 8500 * time.Millisecond}, {100 * minRate, 30 * time.Second}} {
			if n, err := w.Write(make([]byte, step.bytes)); n != step.bytes || err != nil || w.patience != step.want {
				t.Errorf("after %d bytes more, the client may wait for %v, %v, want %v", step.bytes, w.patience, err, step.want)
			}
		}
		w.wait(func() { time.Sleep(7 * time.Second) })
		if w.patience != 23*time.Second {
			t.Errorf("after 7 s, the client may wait for %v", w.patience)
		}
	})
}

// TestLargestBody announces a body of the largest size, and of a byte more.
func TestLargestBody(t *testing.T) {
	g := &guard{limits: defaultLimits(), log: slog.New(slog.DiscardHandler)}
	for n, want := range map[int64]int{maxBody: http.StatusNoContent, maxBody + 1: http.StatusRequestEntityTooLarge} {
		for _, major := range []int{1, 2} {
			r := httptest.NewRequest(http.MethodPost, "/prod/channels", strings.NewReader("{}"))
			r.ContentLength, r.ProtoMajor = n, major
			w := httptest.NewRecorder()
			g.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })).ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%d bytes: %d, want %d", n, w.Code, want)
			}
			if closes := w.Header().Get("Connection") == "close"; closes != (want != http.StatusNoContent && major == 1) {
				t.Errorf("%d bytes, HTTP/%d: the connection is closed: %v", n, major, closes)
			}
		}
	}
}

// TestMappedLoopback is this machine, as 127.0.0.1 is.
func TestMappedLoopback(t *testing.T) {
	g := &guard{open: true}
	for host, want := range map[string]bool{"127.0.0.1:8080": true, "[::ffff:127.0.0.1]:8080": true, "[::1]": true, "[::ffff:192.0.2.1]:8080": false, "192.0.2.1": false} {
		if g.knowsHost(host) != want {
			t.Errorf("%s is known: %v", host, !want)
		}
	}
}
