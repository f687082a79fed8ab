// Package hls publishes a channel over HTTP Live Streaming (RFC 8216bis). Unlike
// the outputs beside it, it sends nothing: playlists and segments are functions
// of time, made when they are asked for.
package hls

import (
	"errors"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
)

// Timeline is a channel as HLS. It is immutable; any goroutine may use it.
type Timeline struct{}

// Part is a stretch of a channel in which one source plays.
type Part struct {
	Loop *loop.Loop
	// From is when its lap 0 begins: the epoch, for the first part.
	From time.Time
	// Laps is how many laps it plays at most, 0 for no end.
	Laps int64
}

// New returns the timeline of one part or more, in rising order of From.
func New(parts ...Part) (*Timeline, error) { return nil, errors.New("skeleton") }

// Handler serves index.m3u8 (multivariant), video.m3u8 (media) and segments
// below the folder it is mounted at. now tells the time.
func Handler(t *Timeline, now func() time.Time) http.Handler { return http.NotFoundHandler() }
