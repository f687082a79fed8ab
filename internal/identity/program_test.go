package identity

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/cli"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/output/outputs"
	"github.com/lilo-live/lilo/internal/output/outputtest"
	"github.com/lilo-live/lilo/internal/playout"
)

// This file is all that the tests know of the program's code.

// lilo runs a command line and returns what it writes, and its exit code.
func lilo(t *testing.T, args ...string) (out []byte, code int) {
	t.Helper()
	var stdout bytes.Buffer
	code = cli.New(&stdout, io.Discard, func(string) string { return "" }).Run(t.Context(), args)
	return stdout.Bytes(), code
}

// opened is an open source with its multiplex planned.
type opened = *player.Input

// openSource opens a source, which is closed when the test ends.
func openSource(t *testing.T, source string) opened {
	t.Helper()
	c := openUnowned(t, source)
	t.Cleanup(func() { c.Close() })
	return c
}

func openUnowned(t *testing.T, source string) opened {
	t.Helper()
	c, err := player.OpenInput(t.Context(), channel.Spec{Source: source, Name: "identity"}, player.LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stream is what the scheduler plays: packets and their instants.
type stream = playout.Stream

// streamOf returns the stream of a source that loops for ever.
func streamOf(c opened) stream { return c.Stream() }

// entry is one source of a playlist, from its instant after the epoch on.
type entry struct {
	at     time.Duration
	source string
	once   bool // it plays a single time
}

// playlistOf returns the stream of several sources, the first of which begins
// at the epoch.
func playlistOf(t *testing.T, entries []entry) stream {
	t.Helper()
	p := player.NewPlaylist(openUnowned(t, entries[0].source), entries[0].once)
	t.Cleanup(func() { p.Close() })
	var cues []player.Entry
	for _, e := range entries[1:] {
		cues = append(cues, player.Entry{At: e.at, Input: openUnowned(t, e.source), Once: e.once})
	}
	if _, err := p.Set(cues); err != nil {
		t.Fatal(err)
	}
	return p
}

// timeline returns the HLS handler of one source, or of a playlist, whose lap 0
// begins at the epoch. now tells the time.
func timeline(t *testing.T, entries []entry, epoch time.Time, now func() time.Time) http.Handler {
	t.Helper()
	var parts []hls.Entry
	for _, e := range entries {
		p, err := openSource(t, e.source).HLSEntry(epoch.Add(e.at))
		if err != nil {
			t.Fatal(err)
		}
		if e.once {
			p.Laps = 1
		}
		parts = append(parts, p)
	}
	tl, err := hls.New(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return hls.Handler(tl, now)
}

// datagrams sends packets first, first+1, … of a stream to a URL of that scheme
// on the loopback interface, and returns the datagrams that arrive.
func datagrams(t *testing.T, c opened, scheme string, perDatagram int, first int64, packets []byte) [][]byte {
	t.Helper()
	l := outputtest.Listen(t, "127.0.0.1", nil)
	defer l.Close()
	to := channel.Destination{Scheme: scheme, Host: "127.0.0.1", Port: l.Port(), Packets: perDatagram}
	open, err := outputs.Open(t.Context(), []channel.Destination{to}, output.Stream{SSRC: c.SSRC(), RTPTime: c.Stream().RTPTime})
	if err != nil {
		t.Fatal(err)
	}
	defer outputs.Close(open)
	count := len(packets) / packetSize / perDatagram
	if r := open[0].Send(first, packets); r.Sent != count {
		t.Fatalf("%+v, want %d datagrams to be sent", r, count)
	}
	var all [][]byte
	for range count {
		all = append(all, l.Next())
	}
	return all
}
