package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"

	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Thumbnailer makes pictures of the newest HLS segment of a pipeline with ffmpeg, two at
// a time.
type Thumbnailer struct{ slots chan struct{} }

// NewThumbnailer returns a Thumbnailer.
func NewThumbnailer() *Thumbnailer { return &Thumbnailer{make(chan struct{}, 2)} }

// Thumbnail returns a JPEG of what a pipeline shows now, nil if there is no ffmpeg.
func (t *Thumbnailer) Thumbnail(ctx context.Context, p supervisor.Playback) ([]byte, error) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, nil // This is not an error: ffmpeg is optional.
	}
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	segment, err := lastSegment(ctx, p.HLS())
	if err != nil {
		return nil, err
	}
	return firstPicture(ctx, ffmpeg, segment)
}

// firstPicture decodes the first picture of a segment, as small as MediaLive's thumbnails.
func firstPicture(ctx context.Context, ffmpeg string, segment []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, ffmpeg, "-v", "error", "-i", "pipe:0", "-frames:v", "1", "-vf", "scale=480:-2", "-f", "mjpeg", "pipe:1")
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(segment), &out, &said
	err := cmd.Run()
	if out.Len() > 0 {
		return out.Bytes(), nil // With its picture, ffmpeg may still complain about the rest.
	}
	if first, _, _ := strings.Cut(said.String(), "\n"); first != "" {
		return nil, errors.New(first)
	}
	return nil, err
}

// lastSegment returns the newest segment of a media playlist, after its
// initialization section.
func lastSegment(ctx context.Context, h http.Handler) ([]byte, error) {
	playlist, err := fetch(ctx, h, "video.m3u8")
	if err != nil {
		return nil, err
	}
	var begin, name string
	for line := range strings.Lines(string(playlist)) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, `#EXT-X-MAP:URI="`); ok {
			begin, _, _ = strings.Cut(rest, `"`)
		}
		if line != "" && line[0] != '#' {
			name = line
		}
	}
	if name == "" {
		return nil, errors.New("no segment has ended yet")
	}
	segment, err := fetch(ctx, h, name)
	if err != nil || begin == "" {
		return segment, err
	}
	head, err := fetch(ctx, h, begin)
	return append(head, segment...), err
}

// fetch returns the body of a handler's response.
func fetch(ctx context.Context, h http.Handler, name string) ([]byte, error) {
	name, _, _ = strings.Cut(name, "?")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/"+name, nil)
	if err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, request)
	if w.status != http.StatusOK {
		return nil, fmt.Errorf("%s: %d %s", name, w.status, strings.TrimSpace(w.body.String()))
	}
	return w.body.Bytes(), nil
}

// recorder is an http.ResponseWriter that keeps what is written.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recorder) Header() http.Header         { return a.header }
func (a *recorder) WriteHeader(status int)      { a.status = status }
func (a *recorder) Write(b []byte) (int, error) { return a.body.Write(b) }
