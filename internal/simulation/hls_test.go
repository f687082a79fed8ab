package simulation

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/output/hls"
)

// watchHLS looks at a channel as a player of HLS does, and compares the playlists and the
// newest segment of each rendition with those of the playlist that render makes (I1).
func (w *world) watchHLS() {
	o := pick(w, w.fleet.channels)
	list, epoch := o.receivers[0].certain()
	if list == nil || !o.is().onAir || w.process.dead.Load() || until(&w.stall) > 0 {
		return
	}
	timeline, err := list.HLS(epoch)
	if err != nil {
		return // Its coding is none of HLS.
	}
	now := time.Now().Add(w.process.step)
	here := hls.NewRenderer(slog.New(slog.DiscardHandler)).Handler(func() *hls.Timeline { return timeline }, func() time.Time { return now })
	for _, name := range w.sameHLS(here, o, "index.m3u8") {
		if all := w.sameHLS(here, o, name); len(all) > 0 {
			w.sameHLS(here, o, all[len(all)-1])
		}
	}
	w.note("%s is watched as HLS", o.name)
	w.count("looks at HLS")
}

// sameHLS compares a file that the server serves with that of a handler, and returns the files
// that it names.
func (w *world) sameHLS(here http.Handler, o *ordered, name string) (names []string) {
	want := httptest.NewRecorder()
	here.ServeHTTP(want, httptest.NewRequest(http.MethodGet, "/"+name, nil))
	client := http.Client{Transport: w.process.http, Timeout: 30 * time.Second}
	r, err := client.Get(fmt.Sprintf("http://127.0.0.1:8080/hls/%s/%s", o.is().id, name))
	if err != nil {
		w.fail("%s: %v", name, err)
		return nil
	}
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != want.Code || !bytes.Equal(got, want.Body.Bytes()) {
		w.fail("%s: %s of HLS is not what render makes: %s and %d, %d and %d bytes, %v (I1)", o.name, name, r.Status, want.Code, len(got), want.Body.Len(), err)
		return nil
	}
	for line := range strings.Lines(string(got)) {
		if line = strings.TrimSpace(line); strings.Contains(name, ".m3u8") && line != "" && line[0] != '#' {
			names = append(names, line)
		}
	}
	return names
}
