// Package console is the page that people watch and control channels with, and
// the requests that it makes. [New] serves the channels of a [Backend], which
// lilo run and lilo serve implement; those of an [Operator] can be changed.
package console

import (
	"context"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// Backend has the channels that the console shows.
type Backend interface {
	// Channels returns all channels, in the order in which they were created.
	Channels() []Channel
	// Find returns one of them; ok is false if there is none with that id.
	Find(id string) (c Channel, ok bool)
	// HLS serves the preview of a channel; nil if it is not on air.
	HLS(id string) http.Handler
	// Document returns the MediaLive JSON of a channel.
	Document(id string) ([]byte, error)
}

// Operator is a Backend whose channels can be changed.
type Operator interface {
	Backend
	// Probe reports on a source.
	Probe(ctx context.Context, source string, encode *channel.Encode) (player.Report, error)
	// Create creates a channel and, if start is set, starts it. It returns its id.
	Create(ctx context.Context, s channel.Spec, start bool) (id string, err error)
	Start(ctx context.Context, id string) error
	Stop(ctx context.Context, id string) error
	Delete(ctx context.Context, id string) error
}

// Channel is one channel as the console shows it.
type Channel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// State is the API's: IDLE, STARTING, RUNNING, STOPPING, ….
	State string `json:"state"`
	// Spec is of the first pipeline.
	Spec      channel.Spec `json:"-"`
	Source    string       `json:"source"`
	Pipelines []Pipeline   `json:"pipelines"`
	Alerts    []Alert      `json:"alerts"`
	Since     time.Time    `json:"since"` // in this state
}

// Pipeline is the condition of one pipeline. All but To is zero while it is off air.
type Pipeline struct {
	To          []string  `json:"to"`
	Epoch       time.Time `json:"epoch"`
	BitRate     int64     `json:"bit_rate"`
	Lap         int64     `json:"lap"`
	LapSeconds  float64   `json:"lap_seconds"`
	LapPosition float64   `json:"lap_position"`
	// LateMillis is the longest lateness of a train in the last second; P999Millis since the start.
	LateMillis float64 `json:"late_ms"`
	P999Millis float64 `json:"p999_ms"`
	Datagrams  int64   `json:"datagrams"`
	Dropped    int64   `json:"dropped"`
	Starved    int64   `json:"starved"`
	Bytes      int64   `json:"bytes"`
	Paused     bool    `json:"paused"`
	LastError  string  `json:"last_error,omitempty"`
}

// NewPipeline returns the pipeline of a spec. s is its snapshot; nil while it is off air.
func NewPipeline(spec channel.Spec, s *player.Snapshot) Pipeline {
	var p Pipeline
	for _, d := range spec.To {
		p.To = append(p.To, d.String())
	}
	if s == nil {
		return p
	}
	p.Epoch, p.BitRate, p.Lap, p.LapSeconds, p.LapPosition = spec.Epoch, s.BitRate, s.Lap, s.LapSeconds, s.LapPosition
	p.LateMillis, p.P999Millis = s.Late.LastSecond.Seconds()*1e3, s.Late.P999.Seconds()*1e3
	p.Starved, p.Paused, p.Bytes = s.Starved, s.Paused, s.Bytes
	for _, o := range s.Outputs {
		p.Datagrams += o.Datagrams
		p.Dropped += o.Dropped
		if o.LastError != "" {
			p.LastError = o.LastError
		}
	}
	return p
}

// Alert is a condition of a channel that people should know about.
type Alert struct {
	Kind    string    `json:"kind"`
	Message string    `json:"message"`
	Set     time.Time `json:"set"`
}
