package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/source"
)

// listen returns a socket that receives, and its port.
func listen(t *testing.T) (net.PacketConn, string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	return conn, port
}

// lineOf reports whether a line of the text matches the pattern.
func lineOf(text, pattern string) bool {
	return regexp.MustCompile("(?m)^" + pattern + "$").MatchString(text)
}

func TestRunSaysWhatItSendsAndEndsByItself(t *testing.T) {
	conn, port := listen(t)
	r := lilo(t, newFake(), "run", "--to", "udp://127.0.0.1:"+port, "--for", "100ms", "--name", "News", "--epoch", "2026-01-02T03:04:05.02Z")
	if r.code != 0 || r.err != "" {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{
		`playing the bundled clip for 100ms as "News": a lap of 10\.000000 s at 837\.7 kb/s`,
		`  to udp://127\.0\.0\.1:` + port,
		`     watch it with: ffplay -fflags nobuffer udp://127\.0\.0\.1:` + port,
		`                or: vlc udp://@:` + port,
		`  lap 0 began at --epoch 2026-01-02T03:04:05\.02Z`,
		`off air after 00:00:00: .* 0 dropped.*`,
	} {
		if !lineOf(r.out, want) {
			t.Errorf("no line %s in\n%s", want, r.out)
		}
	}
	buf := make([]byte, 2000)
	if n, _, err := conn.ReadFrom(buf); err != nil || n != 7*188 || buf[0] != 0x47 {
		t.Errorf("received %d bytes, %v", n, err)
	}
}

// TestRunPrintsEvents reads every line of run --json.
func TestRunPrintsEvents(t *testing.T) {
	_, port := listen(t)
	r := lilo(t, newFake(), "run", "--json", "--to", "udp://127.0.0.1:"+port, "--for", "100ms", "--log-level", "error")
	if r.code != 0 || r.err != "" {
		t.Fatalf("%+v", r)
	}
	var types []string
	for line := range strings.Lines(r.out) {
		var e struct {
			Type      string
			Name      string
			Datagrams int
			To        []struct {
				URL       string
				Datagrams int
				Watch     []string
			}
			Source struct {
				Loops   bool
				MuxRate int64 `json:"mux_rate"`
			}
			Time time.Time
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Time.IsZero() || len(e.To) != 1 || e.To[0].URL != "udp://127.0.0.1:"+port {
			t.Errorf("%v: %s", err, line)
			continue
		}
		types = append(types, e.Type)
		switch e.Type {
		case "start":
			if e.Name != "LILO" || !e.Source.Loops || e.Source.MuxRate == 0 || len(e.To[0].Watch) != 2 {
				t.Error(line)
			}
		case "end":
			if e.Datagrams == 0 || e.To[0].Datagrams != e.Datagrams {
				t.Error(line)
			}
		}
	}
	if got := strings.Join(types, " "); got != "start end" {
		t.Error(got)
	}
}

// TestLogOfRun has the three forms of a message, and those that are left out.
func TestLogOfRun(t *testing.T) {
	for name, c := range map[string]struct {
		json     bool
		logging  server.Logging
		out, err string
	}{
		"text":   {out: `^01:02:03  news=1\n01:02:04  bad=2\n$`},
		"level":  {logging: server.Logging{Level: "error"}, out: `^01:02:04  bad=2\n$`},
		"debug":  {logging: server.Logging{Level: "debug"}, out: `^01:02:03  detail=0\n01:02:03  news=1\n`},
		"json":   {logging: server.Logging{Format: "json", Level: "warn"}, err: `^{"time":".*","level":"ERROR","msg":"","bad":2}\n$`},
		"events": {json: true, logging: server.Logging{Level: "error"}, out: `^{"time":".*","level":"ERROR","msg":"","type":"log","bad":2}\n$`},
	} {
		var out, errs bytes.Buffer
		now := time.Date(2026, 1, 1, 1, 2, 3, 0, time.UTC)
		p := New(&out, &errs, func(string) string { return "" })
		p.now = func() time.Time { return now }
		log := slog.New((&run{Program: p, json: c.json, logging: c.logging, line: &statusLine{term: p.out}}).logHandler())
		log.Debug("", "detail", 0)
		log.Info("", "news", 1)
		now = now.Add(time.Second)
		log.Error("", "bad", 2)
		if !regexp.MustCompile(c.out).MatchString(out.String()) || !regexp.MustCompile(c.err).MatchString(errs.String()) || c.err == "" && errs.Len() > 0 {
			t.Errorf("%s:\n%s%s", name, &out, &errs)
		}
	}
}

func TestAnnounceSaysThatTheEpochIsStillToCome(t *testing.T) {
	var out bytes.Buffer
	p := New(&out, io.Discard, func(string) string { return "" })
	(&run{Program: p}).announce(newFake().report, channel.Spec{Epoch: time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC)})
	if !lineOf(out.String(), `  lap 0 begins at --epoch 2150-01-01T00:00:00Z, nothing is sent before`) {
		t.Error(out.String())
	}
}

func TestAnnounceListsAdjustments(t *testing.T) {
	var out bytes.Buffer
	p := New(&out, io.Discard, func(string) string { return "" })
	(&run{Program: p}).announce(newFake().report, channel.Spec{Name: "News"})
	for _, want := range []string{
		`playing movie\.mp4 for ever as "News": a lap of 10\.000000 s at 601\.6 kb/s`,
		`  note: audio track 2 is 5 ms longer than the lap: cut`,
	} {
		if !lineOf(out.String(), want) {
			t.Errorf("no line %s in\n%s", want, &out)
		}
	}
}

func TestRunEndsInOrderWhenInterrupted(t *testing.T) {
	conn, port := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _, _ = conn.ReadFrom(make([]byte, 2000)) // Whatever it is, it is on air.
		cancel()
	}()
	r := liloUntil(ctx, newFake(), "run", "--to", "rtp://127.0.0.1:"+port)
	if r.code != 0 || r.err != "" || !strings.Contains(r.out, "\noff air after ") {
		t.Errorf("%+v", r)
	}
}

func TestRunRefusesAnAddressThatDoesNotResolve(t *testing.T) {
	r := lilo(t, newFake(), "run", "--to", "rtp://no-such-host.invalid:5000", "--to", "rtp://127.0.0.1:5000")
	if got := oneLineOf(t, r); r.code != 6 || !strings.Contains(got, "no-such-host.invalid") {
		t.Errorf("%d %s", r.code, got)
	}
}

func TestMonitorMeasuresAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nothing.ts")
	writeFile(t, file, "this is no transport stream")
	for _, args := range [][]string{{"monitor", file}, {"monitor", "--json", file}} {
		r := lilo(t, newFake(), args...)
		if got := oneLineOf(t, r); r.code != 8 || r.out != "" || !strings.Contains(got, "is not an MPEG transport stream") {
			t.Errorf("%+v", r)
		}
	}
	if r := lilo(t, newFake(), "monitor", filepath.Join(t.TempDir(), "none.ts")); r.code != 3 {
		t.Errorf("%+v", r)
	}
	for args, code := range map[string]int{"monitor": 2, "monitor srt://a:1": 2, "monitor --for x rtp://a:1": 2} {
		if r := lilo(t, newFake(), strings.Fields(args)...); r.code != code || r.out != "" {
			t.Errorf("%s: %+v", args, r)
		}
	}
}

func TestStatusText(t *testing.T) {
	got := statusText(monitor.Status{
		Elapsed: 90 * time.Second, BitRate: 5_000_000, Datagrams: 1234, Errors: 1, Lost: 0, JitterMS: 0.5,
	})
	if want := "00:01:30  5.000 Mb/s  1,234 datagrams  1 error  0 lost  jitter 0.50 ms"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRunStatusText(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := start
	status := run{Program: &Program{now: func() time.Time { return now }}, start: start}
	s := player.Snapshot{Snapshot: playout.Snapshot{Lap: 8, BitRate: 857_280}, LapSeconds: 10, LapPosition: 3.4}
	s.Late.LastSecond = 213 * time.Microsecond
	cases := []struct {
		after time.Duration
		spoil func()
		want  string
	}{
		{-time.Hour, func() {}, "begins in 01:00:00"},
		{83 * time.Second, func() {}, "on air 00:01:23  lap 8, 3.4 of 10.0 s  857.3 kb/s  late 213 µs  0 dropped"},
		{
			100 * time.Hour,
			func() {
				s.Outputs = []playout.OutputSnapshot{{Dropped: 1000, Skipped: 2}, {Dropped: 1}}
				s.Starved, s.Late.LastSecond = 1, 12*time.Millisecond
			},
			"on air 4 d 04:00:00  lap 8, 3.4 of 10.0 s  857.3 kb/s  late 12.0 ms  1,001 dropped, 2 skipped, 1 packet read too late",
		},
		{
			time.Second,
			func() {
				s = player.Snapshot{LapSeconds: 10, Remote: true}
				s.Fetched = source.Progress{Have: 1, Size: 4}
			},
			"on air 00:00:01  lap 0, 0.0 of 10.0 s  0.0 kb/s  late 0 µs  0 dropped  25 % fetched",
		},
		{time.Second, func() { s.Fetched.Stalled = true }, "on air 00:00:01  lap 0, 0.0 of 10.0 s  0.0 kb/s  late 0 µs  0 dropped  the source is unavailable"},
	}
	for _, c := range cases {
		now = start.Add(c.after)
		c.spoil()
		if got := status.condition(s); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestLineKeepsToItsPlace(t *testing.T) {
	var b bytes.Buffer
	f, err := os.Create(filepath.Join(t.TempDir(), "not a terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l := &statusLine{term: terminal{Writer: &b, file: f}}
	slog.New(&lineLog{line: l, now: func() time.Time { return time.Date(2026, 1, 1, 1, 2, 3, 0, time.UTC) }}).
		With("channel", "News").Warn("it \x1b[2J rains", "mm", 3)
	l.Update("one")
	l.Print("above")
	l.Update(strings.Repeat("é", 100))
	l.Clear()
	l.Clear()
	want := "01:02:03 it  [2J rains mm=3\n\rone\x1b[K\r\x1b[Kabove\none\r" + strings.Repeat("é", 78) + "…\x1b[K\r\x1b[K"
	if got := b.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLineIsNotShownWithoutATerminal(t *testing.T) {
	var b bytes.Buffer
	l := &statusLine{term: newTerminal(&b, func(string) string { return "" })}
	l.Update("one")
	l.Print("two")
	l.Clear()
	if b.String() != "two\n" {
		t.Errorf("%q", b.String())
	}
}

func TestWatchHints(t *testing.T) {
	cases := map[string]string{
		"rtp://127.0.0.1:5000":   "ffplay -fflags nobuffer rtp://127.0.0.1:5000|vlc rtp://@:5000",
		"rtp://239.1.1.1:5000":   "ffplay -fflags nobuffer rtp://239.1.1.1:5000|vlc rtp://@239.1.1.1:5000",
		"udp://[ff15::1]:5000":   "ffplay -fflags nobuffer udp://[ff15::1]:5000|vlc udp://@[ff15::1]:5000",
		"rtp://localhost:5000":   "ffplay -fflags nobuffer rtp://localhost:5000|vlc rtp://@:5000",
		"rtp://studio.example:1": "",
	}
	for text, want := range cases {
		d, err := channel.ParseDestination(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(d.Watch(), "|"); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestFormats(t *testing.T) {
	cases := [][2]string{
		{count(0), "0"},
		{count(999), "999"},
		{count(1000), "1,000"},
		{count(-1234567), "-1,234,567"},
		{counted(1, "packet"), "1 packet"},
		{counted(2, "packet"), "2 packets"},
		{size(999), "999 B"},
		{size(1000), "1.0 kB"},
		{size(999_949), "999.9 kB"},
		{size(999_950), "1.0 MB"},
		{size(5 << 40), "5.5 TB"},
		{clock(0), "00:00:00"},
		{clock(26*time.Hour + 61*time.Second), "1 d 02:01:01"},
	}
	for _, c := range cases {
		if c[0] != c[1] {
			t.Errorf("got %s, want %s", c[0], c[1])
		}
	}
}
