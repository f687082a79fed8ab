package console

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/player"
)

// historySeconds is how much of a channel's past is kept.
const historySeconds = 3600

// history keeps the last hour of each channel that was on air in it. It is safe
// for concurrent use.
type history struct {
	mu    sync.Mutex
	rings map[string]*ring // by channel id
}

// series has a value for each second: that of second s is at s modulo
// historySeconds. It is NaN if there is none.
type series [historySeconds]float32

// ring is the last hour of a channel.
type ring struct {
	rate   series      // of the first pipeline, in bit/s
	late   series      // the largest of all pipelines, in ms
	last   int64       // the second of the newest sample, since 1970
	meters []rateMeter // one for each pipeline
}

// rateMeter measures the rate between two samples.
type rateMeter struct {
	bytes int64
	at    time.Time
	rate  float64 // bit/s, NaN while unknown
	pace  player.Pace
	work  *Work // fetching the source, nil when that is done
}

func newHistory() *history { return &history{rings: make(map[string]*ring)} }

// sample adds a sample of every channel and forgets channels that no longer exist.
func (h *history) sample(now time.Time, all []Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	exists := make(map[string]bool, len(all))
	for i := range all {
		c := &all[i]
		exists[c.ID] = true
		r := h.rings[c.ID]
		if !c.onAir() {
			if r != nil {
				r.meters = nil
			}
			continue
		}
		if r == nil {
			r = &ring{last: now.Unix() - 1}
			for s := range int64(historySeconds) {
				r.clear(s)
			}
			h.rings[c.ID] = r
		}
		r.sample(now, c)
	}
	for id := range h.rings {
		if !exists[id] {
			delete(h.rings, id)
		}
	}
}

// onAir reports whether a pipeline of the channel sends.
func (c *Channel) onAir() bool {
	for _, p := range c.Pipelines {
		if p.BitRate > 0 {
			return true
		}
	}
	return false
}

func (r *ring) sample(now time.Time, c *Channel) {
	if len(r.meters) != len(c.Pipelines) {
		r.meters = make([]rateMeter, len(c.Pipelines))
	}
	late := 0.0
	for i := range c.Pipelines {
		r.meters[i].measure(now, &c.Pipelines[i])
		late = max(late, milliseconds(c.Pipelines[i].Live.Late.LastSecond))
	}
	r.put(now.Unix(), float32(r.meters[0].rate), float32(late))
}

// measure measures the rate to one destination since the last call.
func (m *rateMeter) measure(now time.Time, p *Pipeline) {
	elapsed, sent := now.Sub(m.at).Seconds(), p.Live.Bytes-m.bytes
	known := !m.at.IsZero() && elapsed > 0 && sent >= 0
	m.bytes, m.at, m.rate = p.Live.Bytes, now, math.NaN()
	if known {
		m.rate = float64(sent) * 8 / elapsed / float64(max(1, len(p.To)))
	}
	m.work = nil
	if at := p.Live.Fetched; p.Live.Remote && at.Have < at.Size {
		share := float64(at.Have) / float64(at.Size)
		m.work = NewWork(player.Work{Share: share, Left: m.pace.Left(now, share)})
	}
}

// put adds the sample of a second, and uses it for the second before if that was
// missed: ticks are not exact. If the clock went back, old samples are replaced.
func (r *ring) put(second int64, rate, late float32) {
	if second == r.last+2 {
		r.put(second-1, rate, late)
	}
	for s := max(r.last+1, second-historySeconds+1); s < second; s++ {
		r.clear(s)
	}
	r.rate[second%historySeconds], r.late[second%historySeconds] = rate, late
	r.last = second
}

func (r *ring) clear(second int64) {
	nan := float32(math.NaN())
	r.rate[second%historySeconds], r.late[second%historySeconds] = nan, nan
}

// meter returns the meter of a pipeline; that of one that was not measured yet knows nothing.
func (h *history) meter(id string, pipeline int) rateMeter {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rings[id]
	if r == nil || pipeline >= len(r.meters) {
		return rateMeter{rate: math.NaN()}
	}
	return r.meters[pipeline]
}

// hour is the past of a channel in steps: the mean rate in bit/s and the largest
// lateness in ms of each step, null if there is none.
type hour struct {
	End  int64      `json:"end"`  // of the last step, in seconds since 1970
	Step int64      `json:"step"` // in seconds
	Rate []*float64 `json:"rate"`
	Late []*float64 `json:"late"`
}

// hour returns the hour before now.
func (h *history) hour(id string, now time.Time, step int64) hour {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rings[id]
	if r == nil {
		r = &ring{last: -1}
	}
	end := (now.Unix() + 1) / step * step
	return hour{end, step, r.steps(&r.rate, end, step, mean, 1), r.steps(&r.late, end, step, slices.Max[[]float32], 1000)}
}

// steps returns the values of the hour before end, rounded to the nearest 1/precision.
func (r *ring) steps(from *series, end, step int64, combine func([]float32) float32, precision float64) []*float64 {
	all := make([]*float64, historySeconds/step)
	values := make([]float32, 0, step)
	for i := range all {
		values = values[:0]
		start := end - historySeconds + int64(i)*step
		for s := max(start, r.last-historySeconds+1, 0); s < min(start+step, r.last+1); s++ {
			if v := from[s%historySeconds]; v == v {
				values = append(values, v)
			}
		}
		if len(values) > 0 {
			v := rounded(float64(combine(values)), precision)
			all[i] = &v
		}
	}
	return all
}

func mean(values []float32) float32 {
	total := 0.0
	for _, v := range values {
		total += float64(v)
	}
	return float32(total / float64(len(values)))
}
