package identity

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/cli"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/output/outputs"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
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

// stream is what the scheduler plays: packets and their instants.
type stream = playout.Stream

// entry is one source of a playlist, from its instant after the epoch on.
type entry struct {
	at     time.Duration
	source string
	once   bool // it plays a single time
}

// streamOf returns the stream of a source that loops for ever.
func streamOf(t *testing.T, source string) stream {
	t.Helper()
	return playlistOf(t, []entry{{source: source}})
}

// playlistOf returns the stream of several sources, the first of which begins
// at the epoch.
func playlistOf(t *testing.T, entries []entry) *player.Playlist {
	t.Helper()
	c := player.Config{
		Spec: channel.Spec{Source: entries[0].source, Name: name, Epoch: time.Unix(0, 0), KeepES: true}, Once: entries[0].once,
	}
	for _, e := range entries[1:] {
		c.Schedule.Entries = append(c.Schedule.Entries, channel.Entry{At: c.Spec.Epoch.Add(e.at), Source: e.source, Once: e.once})
	}
	p, err := player.Open(t.Context(), c, player.LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// name is the name of all channels, on which the SSRC depends.
const name = "identity"

// timeline returns the HLS handler of one source, or of a playlist, whose lap 0
// begins at the epoch. now returns the time.
func timeline(t *testing.T, entries []entry, epoch time.Time, now func() time.Time) http.Handler {
	t.Helper()
	tl, err := playlistOf(t, entries).HLS(epoch)
	if err != nil {
		t.Fatal(err)
	}
	return hls.NewRenderer(slog.New(slog.DiscardHandler)).Handler(func() *hls.Timeline { return tl }, now)
}

// datagrams sends packets first, first+1, … of a stream to a URL of that scheme
// on the loopback interface, and returns the datagrams that arrive.
func datagrams(t *testing.T, s stream, scheme string, perDatagram int, first packet.Number, packets []byte) [][]byte {
	t.Helper()
	l, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	to := channel.Destination{Scheme: scheme, Host: "127.0.0.1", Port: l.LocalAddr().(*net.UDPAddr).Port, Packets: perDatagram}
	open, err := outputs.Open(t.Context(), []channel.Destination{to}, output.Stream{SSRC: player.SSRC(name), RTPTime: s.RTPTime})
	if err != nil {
		t.Fatal(err)
	}
	defer outputs.Close(open)
	count := len(packets) / packetSize / perDatagram
	if r := open[0].Send(first, packets); r.Sent != count {
		t.Fatalf("%+v, want %d datagrams to be sent", r, count)
	}
	_ = l.SetReadDeadline(time.Now().Add(10 * time.Second))
	var all [][]byte
	for range count {
		buf := make([]byte, 1<<16)
		n, err := l.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, buf[:n])
	}
	return all
}
