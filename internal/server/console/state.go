package console

import (
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
)

// state is what the pages show of all channels at one instant.
type state struct {
	now      time.Time
	readOnly bool
	hints    []string
	browse   bool
	channels []channelState
}

// channelState is a channel without its live values, and those of its pipelines.
type channelState struct {
	channel Channel
	live    []liveValues
}

// liveValues are the live values of a pipeline as the page reads them: the lap, the
// position in it in seconds, the measured rate in bit/s, the lateness and its 99.9th
// percentile in ms, and the counts of datagrams: of all that were sent, and of those that
// were lost because they were skipped, dropped or not read in time.
type liveValues [9]float64

func (c *Console) stateOf(all []Channel) state {
	s := state{now: c.opts.Now(), readOnly: c.operator == nil, hints: append([]string{}, c.opts.SourceHints...), browse: c.opts.Browse, channels: make([]channelState, len(all))}
	for i, ch := range all {
		s.channels[i] = c.channelStateOf(ch)
	}
	return s
}

func (c *Console) channelStateOf(ch Channel) channelState {
	s := channelState{channel: ch, live: make([]liveValues, len(ch.Pipelines))}
	s.channel.Alerts = append([]Alert{}, ch.Alerts...) // Empty lists are [] in JSON.
	s.channel.Notes = append([]string{}, ch.Notes...)
	s.channel.Pipelines = append([]Pipeline{}, ch.Pipelines...)
	for i := range ch.Pipelines {
		p := &s.channel.Pipelines[i]
		l := p.Live
		p.To, p.Live, p.Watched = append([]string{}, p.To...), player.Snapshot{}, nil
		m := c.history.meter(ch.ID, i)
		p.Sending = isSending(*p, l, c.opts.Now()) && m.rate != 0
		if p.Work == nil {
			p.Work = m.work
		}
		lost := l.Lost()
		s.live[i] = liveValues{
			float64(l.Lap), rounded(l.LapPosition, 1000), rounded(m.rate, 1), rounded(milliseconds(l.Late.LastSecond), 1000),
			rounded(milliseconds(l.Late.P999), 1000), float64(l.Datagrams),
			float64(lost.Skipped), float64(lost.Dropped), float64(lost.Unread),
		}
	}
	return s
}

// isSending reports whether a pipeline may send datagrams now.
func isSending(p Pipeline, l player.Snapshot, now time.Time) bool {
	heard := slices.ContainsFunc(l.Outputs, func(o playout.OutputSnapshot) bool { return o.LastError == "" })
	return heard && !p.Paused && !now.Before(time.Time(p.Epoch))
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// rounded returns f to the nearest 1/steps, 0 if JSON has no number for it.
func rounded(f, steps float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return math.Round(f*steps) / steps
}

// update is the difference between two states.
type update struct {
	Now     int64                   `json:"now"` // ms since 1970
	Changed []Channel               `json:"changed,omitempty"`
	Removed []string                `json:"removed,omitempty"` // ids
	Live    map[string][]liveValues `json:"live,omitempty"`    // by id
}

func (u update) empty() bool { return len(u.Changed)+len(u.Removed)+len(u.Live) == 0 }

// since returns the update from a former state to s.
func (s state) since(former state) update {
	old := make(map[string]channelState, len(former.channels))
	for _, c := range former.channels {
		old[c.channel.ID] = c
	}
	u := update{Now: s.now.UnixMilli(), Live: map[string][]liveValues{}}
	for _, c := range s.channels {
		id := c.channel.ID
		before, known := old[id]
		delete(old, id)
		if !known || !reflect.DeepEqual(before.channel, c.channel) {
			u.Changed = append(u.Changed, c.channel)
		}
		if !known || !slices.Equal(before.live, c.live) {
			u.Live[id] = c.live
		}
	}
	for id := range old {
		u.Removed = append(u.Removed, id)
	}
	return u
}

// fullState is a state for a page that has none.
type fullState struct {
	ReadOnly    bool     `json:"read_only"`
	SourceHints []string `json:"source_hints"`
	Browse      bool     `json:"browse"`
	update
}

func (s state) full() fullState { return fullState{s.readOnly, s.hints, s.browse, s.since(state{})} }
