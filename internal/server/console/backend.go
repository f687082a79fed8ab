package console

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// Backend has the channels that the console shows.
type Backend interface {
	// Channels returns all channels in the order of their creation.
	Channels() []Channel
	// Find returns the channel with that id; ok is false if there is none.
	Find(id string) (c Channel, ok bool)
	// Log returns the last lines of the log and events of a channel, the oldest first.
	Log(id string) []LogLine
	// Requests returns the requests that create a channel and its inputs, without secrets.
	Requests(ctx context.Context, id string) (Requests, error)
	// Thumbnail returns a JPEG of what a channel shows now, nil if there is none.
	Thumbnail(ctx context.Context, id string) ([]byte, error)
	// HLS returns the handler of a channel's preview; nil if it is off air.
	HLS(id string) http.Handler
	// Document returns the MediaLive JSON of a channel.
	Document(id string) ([]byte, error)
}

// Operator is a Backend whose channels can be changed. An error that has a method
// Status() int is answered with that HTTP status.
type Operator interface {
	Backend
	// Probe reports on the source of a spec, at its mux rate, without encoding it.
	Probe(ctx context.Context, s channel.Spec) (player.Report, error)
	// Encodable returns why a source cannot be encoded, nil if it seems that it can.
	Encodable(ctx context.Context, source string) error
	// Create creates a channel and, if start is set, starts it. It returns its id.
	Create(ctx context.Context, s channel.Spec, start bool) (id string, err error)
	// Update makes a channel play what a spec says, in place of what its Spec says now. One that is
	// on air is stopped and started again.
	Update(ctx context.Context, id string, s channel.Spec) error
	Start(ctx context.Context, id string) error
	Stop(ctx context.Context, id string) error
	Delete(ctx context.Context, id string) error
	// Files lists a folder in which sources may lie, or all such folders for "".
	Files(folder string) (Listing, error)
	// Tag sets tags of a channel, and removes others.
	Tag(ctx context.Context, id string, set map[string]string, remove []string) error
	// Restart has the pipelines of a channel start again, in the same stream.
	Restart(ctx context.Context, id string) error
	// Lose has a pipeline of a channel send nothing for so long.
	Lose(id string, pipeline int, d time.Duration) error
	// Faults returns what the next calls of MediaLive's API are answered with.
	Faults() Faults
	// Arm sets it.
	Arm(f Faults) error
}

// Faults are faults that calls of MediaLive's API ask for, in the form of their header; "" is none.
type Faults struct {
	Faults string `json:"faults"`
	Calls  int    `json:"calls"` // how many more calls, 0 for all
}

// LogLine is a line of the log, or an event.
type LogLine struct {
	At    Time   `json:"at"`
	Level string `json:"level"` // DEBUG, INFO, WARN, ERROR, EVENT
	Text  string `json:"text"`
}

// Listing is what a folder holds.
type Listing struct {
	Folder string `json:"folder"`
	// Parent is the folder above that may be listed too, "" for none. Top says that all allowed
	// folders are above.
	Parent  string  `json:"parent,omitempty"`
	Top     bool    `json:"top,omitempty"`
	Entries []Entry `json:"entries"`
}

// Entry is a file or a folder.
type Entry struct {
	Name    string `json:"name"`
	Path    string `json:"path"`
	Folder  bool   `json:"folder"`
	Bytes   int64  `json:"bytes"`
	Changed Time   `json:"changed"`
}

// Channel is a channel as the page shows it.
type Channel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// State is that of MediaLive's API: IDLE, STARTING, RUNNING, STOPPING, ….
	State  string   `json:"state"`
	Source string   `json:"source"`
	Since  Time     `json:"since"` // in this state
	Alerts []Alert  `json:"alerts"`
	Notes  []string `json:"notes"` // what of its sources is not carried as it is
	// Tags are those that people have given it.
	Tags      map[string]string `json:"tags,omitempty"`
	Pipelines []Pipeline        `json:"pipelines"`
	// Spec is that of the first pipeline.
	Spec channel.Spec `json:"-"`
}

// Pipeline is a pipeline of a channel. All but To is zero while it is off air.
type Pipeline struct {
	To         []string `json:"to"`
	Epoch      Time     `json:"epoch"`
	BitRate    int64    `json:"bit_rate"`
	LapSeconds float64  `json:"lap_seconds"`
	Paused     bool     `json:"paused"`
	// Sending says that datagrams leave now.
	Sending   bool   `json:"sending"`
	LastError string `json:"last_error,omitempty"`
	// Unheard are the destinations at which nobody listens: their hosts say so.
	Unheard []string `json:"unheard,omitempty"`
	// Work is what is done to the source meanwhile, nil for nothing.
	Work *Work `json:"work,omitempty"`
	// Live is what changes all the time.
	Live player.Snapshot `json:"-"`
	// Watched shows what is sent, nil while nothing is.
	Watched Watched `json:"-"`
}

// Work is what is done to a source before it plays, or while it does.
type Work struct {
	What  string  `json:"what"`  // fetching, encoding, or waiting for another process that encodes
	Share float64 `json:"share"` // that is done, 0 to 1
	Left  float64 `json:"left"`  // seconds that the rest takes, 0 if that is unknown
}

// NewWork returns the work that a player does.
func NewWork(w player.Work) *Work {
	what := "fetching"
	switch {
	case w.Waiting:
		what = "waiting"
	case w.Encoding:
		what = "encoding"
	}
	return &Work{what, rounded(w.Share, 1000), math.Ceil(w.Left.Seconds())}
}

// Alert is a condition of a channel that people should know about.
type Alert struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Set     Time   `json:"set"`
}

// Time is an instant. Its JSON is a number of milliseconds since 1970, 0 for the zero Time.
type Time time.Time

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("0"), nil
	}
	return strconv.AppendInt(nil, time.Time(t).UnixMilli(), 10), nil
}

// Snapshotter is a pipeline on air, such as a [player.Channel].
type Snapshotter interface{ Snapshot() player.Snapshot }

// NewPipeline returns the pipeline of a spec. playing is nil while it is off air.
func NewPipeline(spec channel.Spec, playing Snapshotter) Pipeline {
	var p Pipeline
	targets := map[string]string{} // by the URL in snapshots
	for _, d := range spec.To {
		p.To = append(p.To, d.String())
		targets[d.Target().String()] = d.String()
	}
	if playing == nil {
		return p
	}
	s := playing.Snapshot()
	p.Watched, _ = playing.(Watched)
	p.Epoch, p.BitRate, p.LapSeconds, p.Paused, p.Live = Time(spec.Epoch), s.BitRate, s.LapSeconds, s.Paused, s
	for _, o := range s.Outputs {
		p.LastError = cmp.Or(o.LastError, p.LastError)
		if o.Unheard {
			p.Unheard = append(p.Unheard, cmp.Or(targets[o.URL], o.URL))
		}
	}
	return p
}
