package player

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output/hls"
)

// open opens the playlist of a spec until the test ends.
func open(t testing.TB, spec channel.Spec) *Playlist {
	t.Helper()
	p, err := Open(t.Context(), Config{Spec: spec}, LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func render(t testing.TB, p *Playlist, from, to time.Duration) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := p.Render(context.Background(), &b, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	if int(n)*188 != b.Len() {
		t.Fatalf("%d packets in %d bytes", n, b.Len())
	}
	return b.Bytes()
}

// HLS begins at the epoch, and all entries of an input share its segments.
func TestHLS(t *testing.T) {
	p := open(t, channel.Spec{Name: "clip"})
	epoch := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	tl, err := p.HLS(epoch)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	hls.NewRenderer(slog.New(slog.DiscardHandler)).Handler(func() *hls.Timeline { return tl }, func() time.Time { return epoch }).ServeHTTP(w, httptest.NewRequest("GET", "/video.m3u8", nil))
	if !strings.Contains(w.Body.String(), "#EXT-X-PROGRAM-DATE-TIME:2026-11-24T23:59:58.000Z\n") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	a, _ := p.initial().hlsEntry(epoch, false)
	b, _ := p.initial().hlsEntry(epoch.Add(time.Hour), false)
	if a.Loop != b.Loop || a.ColdStart {
		t.Errorf("%+v and %+v", a, b)
	}
}

// I1: what is rendered in pieces is what is rendered at once.
func TestRenderedPiecesFitTogether(t *testing.T) {
	c := open(t, channel.Spec{Name: "clip"})
	for _, at := range []time.Duration{0, 87_600 * time.Hour} {
		whole := render(t, c, at, at+30*time.Second)
		var pieces []byte
		for from := at; from < at+30*time.Second; from += 10 * time.Second {
			pieces = append(pieces, render(t, c, from, from+10*time.Second)...)
		}
		if !bytes.Equal(whole, pieces) {
			t.Errorf("from %s on: %d bytes at once differ from %d in pieces", at, len(whole), len(pieces))
		}
	}
}
