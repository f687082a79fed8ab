package console

import (
	"math"
	"reflect"
	"time"
)

// view is what of a channel stands still from one second to the next, as the page takes it.
type view struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	State     string         `json:"state"`
	Source    string         `json:"source"`
	Since     int64          `json:"since"` // in ms since 1970, as all instants here; 0 for none
	Alerts    []alertView    `json:"alerts"`
	Pipelines []pipelineView `json:"pipelines"`
}

type pipelineView struct {
	To         []string `json:"to"`
	Epoch      int64    `json:"epoch"`
	BitRate    int64    `json:"bit_rate"`
	LapSeconds float64  `json:"lap_seconds"`
	Paused     bool     `json:"paused"`
	LastError  string   `json:"last_error,omitempty"`
}

type alertView struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Set     int64  `json:"set"`
}

// figures is what moves of a pipeline: lap, position in it in seconds, measured
// rate in bit/s, lateness in ms, its 99.9 % in ms, and the counts of datagrams,
// of those dropped, and of packets that were read too late.
type figures [8]float64

// shown is a channel as the pages have it.
type shown struct {
	view    view
	figures []figures
}

// frame is all channels at one moment.
type frame struct {
	now      time.Time
	steered  bool
	sources  []string
	channels []shown
}

func (c *Console) frame(all []Channel) frame {
	f := frame{now: c.opts.Now(), steered: c.operator != nil, sources: c.opts.Sources, channels: make([]shown, len(all))}
	for i := range all {
		f.channels[i] = shown{viewOf(&all[i]), c.figuresOf(&all[i])}
	}
	return f
}

func viewOf(c *Channel) view {
	v := view{
		ID: c.ID, Name: c.Name, State: c.State, Source: c.Source, Since: millis(c.Since),
		Alerts: []alertView{}, Pipelines: make([]pipelineView, len(c.Pipelines)),
	}
	for _, a := range c.Alerts {
		v.Alerts = append(v.Alerts, alertView{a.Kind, a.Message, millis(a.Set)})
	}
	for i, p := range c.Pipelines {
		v.Pipelines[i] = pipelineView{
			To: append([]string{}, p.To...), Epoch: millis(p.Epoch), BitRate: p.BitRate, LapSeconds: p.LapSeconds,
			Paused: p.Paused, LastError: p.LastError,
		}
	}
	return v
}

func (c *Console) figuresOf(ch *Channel) []figures {
	all := make([]figures, len(ch.Pipelines))
	for i, p := range ch.Pipelines {
		all[i] = figures{
			float64(p.Lap), rounded(p.LapPosition, 1000), c.history.rate(ch.ID, i), rounded(p.LateMillis, 1000),
			rounded(p.P999Millis, 1000), float64(p.Datagrams), float64(p.Dropped), float64(p.Starved),
		}
	}
	return all
}

// rounded returns f to the nearest 1/steps, 0 for what JSON has no number for.
func rounded(f, steps float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return math.Round(f*steps) / steps
}

// millis returns an instant in ms since 1970, 0 for the zero Time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// change is what became different from one frame to the next.
type change struct {
	Now     int64                `json:"now"`
	Changed []view               `json:"changed,omitempty"`
	Gone    []string             `json:"gone,omitempty"`
	Live    map[string][]figures `json:"live,omitempty"`
}

// empty tells that nothing did.
func (c change) empty() bool { return len(c.Changed)+len(c.Gone)+len(c.Live) == 0 }

// since returns what the frame changes for pages that have old, by id.
func (f frame) since(old map[string]shown) change {
	c := change{Now: f.now.UnixMilli(), Live: map[string][]figures{}}
	here := make(map[string]bool, len(f.channels))
	for _, n := range f.channels {
		id := n.view.ID
		here[id] = true
		before, known := old[id]
		if !known || !reflect.DeepEqual(before.view, n.view) {
			c.Changed = append(c.Changed, n.view)
		}
		if !known || !reflect.DeepEqual(before.figures, n.figures) {
			c.Live[id] = n.figures
		}
	}
	for id := range old {
		if !here[id] {
			c.Gone = append(c.Gone, id)
		}
	}
	return c
}

// whole is a frame for a page that has nothing yet.
type whole struct {
	Steered bool     `json:"steered"`
	Sources []string `json:"sources"`
	change
}

func (f frame) whole() whole { return whole{f.steered, append([]string{}, f.sources...), f.since(nil)} }

// byID returns the channels as the pages will have them.
func (f frame) byID() map[string]shown {
	m := make(map[string]shown, len(f.channels))
	for _, n := range f.channels {
		m[n.view.ID] = n
	}
	return m
}
