// Package console is the page that people watch and steer channels with, and
// what it asks the server.
package console

import (
	"context"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// Station is what the console shows and steers. lilo serve and lilo run each have one.
type Station interface {
	// Steered tells whether channels can be created, started, stopped and deleted.
	Steered() bool
	// Channels returns all channels, in the order in which they were created.
	Channels() []Channel
	// Find returns one of them, and false where there is none of that id.
	Find(id string) (Channel, bool)
	// Probe says what a source holds.
	Probe(ctx context.Context, source string, encode *channel.Encode) (player.Report, error)
	// Create creates the channel of a spec, and starts it if wanted; it returns its id.
	Create(ctx context.Context, s channel.Spec, start bool) (id string, err error)
	Start(ctx context.Context, id string) error
	Stop(ctx context.Context, id string) error
	Delete(ctx context.Context, id string) error
	// HLS serves the channel's preview; nil where it is not on air.
	HLS(id string) http.Handler
	// Document returns the channel's MediaLive JSON, indented.
	Document(id string) ([]byte, error)
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

// Pipeline is how one pipeline fares; all but To is zero while it is off air.
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

// Alert is something about a channel that people should know.
type Alert struct {
	Kind    string    `json:"kind"`
	Message string    `json:"message"`
	Set     time.Time `json:"set"`
}
