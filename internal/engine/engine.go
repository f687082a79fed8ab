// Package engine puts the parts of one channel together: it opens the source,
// plans the lap and the multiplex, and gives out the stream.
package engine

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/playout"
)

// Channel is an opened source with its planned multiplex.
type Channel struct{}

// Report is what probe tells of a source.
type Report struct {
	Source      string   `json:"source"`
	Container   string   `json:"container"` // "progressive MP4" or "fragmented MP4"
	Bytes       int64    `json:"bytes"`
	LoopLength  string   `json:"loop_length"` // exact: "10.000000 s"
	LoopSeconds float64  `json:"loop_seconds"`
	MuxRate     int64    `json:"mux_rate"` // bit/s, as run would send it
	PacketsALap int64    `json:"packets_a_lap"`
	Tracks      []Track  `json:"tracks"`
	Loops       bool     `json:"loops"`       // false: see Error
	Error       string   `json:"error"`       // why it cannot loop, empty otherwise
	Adjustments []string `json:"adjustments"` // cut audio, filled silence, dropped leading pictures, …
}

// Track is one elementary stream in a Report.
type Track struct {
	ID        uint32  `json:"id"`
	Kind      string  `json:"kind"` // "video" or "audio"
	Coding    string  `json:"coding"`
	Language  string  `json:"language,omitempty"`
	PID       uint16  `json:"pid"`
	Units     int     `json:"units"`
	Rate      string  `json:"rate"` // "25 fps", "48000 Hz"
	BitRate   int64   `json:"bit_rate"`
	Seconds   float64 `json:"seconds"`
	Buffer    string  `json:"buffer"` // "within its level's buffer" or how it breaks it
	StreamTyp byte    `json:"stream_type"`
}

var errTODO = errors.New("engine: being built")

// Open opens the source of the spec and plans its multiplex. Faults are of
// kind Source, Media or Rate.
func Open(spec channel.Spec) (*Channel, error) { return nil, errTODO }

// Probe opens a source as Open does and reports on it, also when it cannot loop.
func Probe(spec channel.Spec) (Report, error) { return Report{}, errTODO }

// Report returns what probe tells of the channel's source.
func (c *Channel) Report() Report { return Report{} }

// Stream returns a stream of its own for the channel; streams are independent of each other.
func (c *Channel) Stream() playout.Stream { return nil }

// Render writes the packets due in [from, to) after the epoch to w and returns
// how many they were. progress, when not nil, is called now and then with the
// share done, 0 to 1.
func (c *Channel) Render(ctx context.Context, w io.Writer, from, to time.Duration, progress func(float64)) (int64, error) {
	return 0, errTODO
}

// Close releases the source.
func (c *Channel) Close() error { return nil }
