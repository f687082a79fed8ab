package cli

import (
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// The events of lilo run --json, each a line. Log messages are lines between them, of
// type "log", as slog writes them.
type (
	startEvent struct {
		Type  string        `json:"type"` // "start"
		Time  time.Time     `json:"time"`
		Name  string        `json:"name"`
		Epoch time.Time     `json:"epoch"`
		For   string        `json:"for,omitempty"` // empty: for ever
		To    []startTarget `json:"to"`
		Page  string        `json:"page,omitempty"` // the address of --http
		HLS   string        `json:"hls,omitempty"`
		// Source is what lilo probe --json prints.
		Source player.Report `json:"source"`
	}
	startTarget struct {
		URL   string   `json:"url"`
		Watch []string `json:"watch,omitempty"` // commands that show what arrives
	}
	// statusEvent is the condition of the channel: of type "status", or "end" with totals.
	statusEvent struct {
		Type        string         `json:"type"`
		Time        time.Time      `json:"time"`
		Seconds     float64        `json:"seconds"` // on air, negative before the epoch
		Lap         int64          `json:"lap"`
		LapPosition float64        `json:"lap_position"` // in seconds
		LapSeconds  float64        `json:"lap_seconds"`
		BitRate     int64          `json:"bit_rate"`
		Datagrams   int64          `json:"datagrams"`
		Starved     int64          `json:"starved_packets"` // read too late
		LateSeconds float64        `json:"late_seconds"`    // the longest of the last second
		LateP999    float64        `json:"late_p999_seconds"`
		LateMax     float64        `json:"late_max_seconds"`
		To          []statusTarget `json:"to"`
		Fetch       *fetchStatus   `json:"fetch,omitempty"` // of a source that is fetched
		Error       string         `json:"error,omitempty"` // why the channel ended
	}
	statusTarget struct {
		URL       string `json:"url"`
		Datagrams int64  `json:"datagrams"`
		Dropped   int64  `json:"dropped"` // not accepted by the system
		Skipped   int64  `json:"skipped"` // overdue
		Refused   int64  `json:"refused"` // how often nobody listened
		Error     string `json:"error,omitempty"`
	}
	fetchStatus struct {
		Have    int64 `json:"have"` // bytes
		Size    int64 `json:"size"` // -1 if it is not known
		Stalled bool  `json:"stalled"`
		Outages int64 `json:"outages"`
	}
)

// jsonInterval is how often --json prints the condition.
const jsonInterval = 10 * time.Second

func (r *run) startEvent(report player.Report, s channel.Spec) startEvent {
	e := startEvent{Type: "start", Time: r.now().UTC(), Name: s.Name, Epoch: s.Epoch.UTC(), Source: report}
	if s.For > 0 {
		e.For = s.For.String()
	}
	if r.page != nil {
		e.Page, e.HLS = r.page.URL(), r.hlsURL()
	}
	for _, d := range s.To {
		e.To = append(e.To, startTarget{d.String(), d.Watch()})
	}
	return e
}

// statusEvent returns the condition as an event of that type, with the error of one that ends.
func (r *run) statusEvent(kind string, s player.Snapshot, err error) statusEvent {
	now := r.now()
	e := statusEvent{
		Type: kind, Time: now.UTC(), Seconds: now.Sub(r.start).Seconds(), Lap: s.Lap, LapPosition: s.LapPosition, LapSeconds: s.LapSeconds,
		BitRate: s.BitRate, Datagrams: s.Datagrams, Starved: s.Starved, LateSeconds: s.Late.LastSecond.Seconds(),
		LateP999: s.Late.P999.Seconds(), LateMax: s.Late.Max.Seconds(), To: []statusTarget{},
	}
	for _, o := range s.Outputs {
		e.To = append(e.To, statusTarget{o.URL, o.Datagrams, o.Dropped, o.Skipped, o.Refused, o.LastError})
	}
	if s.Remote {
		e.Fetch = &fetchStatus{s.Fetched.Have, s.Fetched.Size, s.Fetched.Stalled, s.Fetched.Outages}
	}
	if err != nil {
		e.Error = oneLine(err)
	}
	return e
}

// lineWriter writes whole lines above a status line.
type lineWriter struct{ line *statusLine }

// Write implements io.Writer.
func (w lineWriter) Write(b []byte) (int, error) {
	w.line.Print(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

// event prints a line of JSON.
func (r *run) event(e any) { _ = terminal{Writer: lineWriter{r.line}}.printJSON(e, "") }
