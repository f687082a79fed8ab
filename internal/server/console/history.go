package console

import (
	"math"
	"strconv"
	"sync"
	"time"
)

// kept is how many seconds of a channel's past are kept.
const kept = 3600

// history keeps the past hour of each channel that was on air in it. Any
// goroutine may use it.
type history struct {
	mu    sync.Mutex
	rings map[string]*ring
}

// ring is the past hour of a channel, a sample a second: sample s stands at
// s modulo kept. It is NaN where there is none.
type ring struct {
	rates, lates [kept]float32 // bit/s of the first pipeline; ms, the largest of all
	last         int64         // the second of the newest sample, since 1970
	meters       []meter       // one a pipeline
}

// meter measures a rate by what was sent between two readings.
type meter struct {
	bytes int64
	at    time.Time
	rate  float64 // bit/s, NaN while unknown
}

func newHistory() *history { return &history{rings: make(map[string]*ring)} }

// sample takes what is now; channels that are gone are forgotten.
func (h *history) sample(now time.Time, all []Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	here := make(map[string]bool, len(all))
	for i := range all {
		c := &all[i]
		here[c.ID] = true
		r := h.rings[c.ID]
		if !c.onAir() {
			if r != nil {
				r.meters = nil
			}
			continue
		}
		if r == nil {
			r = newRing(now.Unix())
			h.rings[c.ID] = r
		}
		r.sample(now, c)
	}
	for id := range h.rings {
		if !here[id] {
			delete(h.rings, id)
		}
	}
}

// onAir tells whether a pipeline of the channel sends.
func (c *Channel) onAir() bool {
	for _, p := range c.Pipelines {
		if p.BitRate > 0 {
			return true
		}
	}
	return false
}

func newRing(second int64) *ring {
	r := &ring{last: second - 1}
	for i := range kept {
		r.rates[i], r.lates[i] = float32(math.NaN()), float32(math.NaN())
	}
	return r
}

func (r *ring) sample(now time.Time, c *Channel) {
	if len(r.meters) != len(c.Pipelines) {
		r.meters = make([]meter, len(c.Pipelines))
	}
	late := 0.0
	for i := range c.Pipelines {
		r.meters[i].read(now, &c.Pipelines[i])
		late = max(late, c.Pipelines[i].LateMillis)
	}
	r.put(now.Unix(), r.meters[0].rate, late)
}

// read measures the rate to one destination since the reading before.
func (m *meter) read(now time.Time, p *Pipeline) {
	spent, sent := now.Sub(m.at).Seconds(), p.Bytes-m.bytes
	known := !m.at.IsZero() && spent > 0 && sent >= 0
	m.bytes, m.at, m.rate = p.Bytes, now, math.NaN()
	if known {
		m.rate = float64(sent) * 8 / spent / float64(max(1, len(p.To)))
	}
}

// put adds the sample of a second, and of the one before where that was missed:
// no tick is exact. A clock that went back writes over what was there.
func (r *ring) put(second int64, rate, late float64) {
	if second == r.last+2 {
		r.put(second-1, rate, late)
	}
	for s := max(r.last+1, second-kept+1); s < second; s++ {
		r.rates[s%kept], r.lates[s%kept] = float32(math.NaN()), float32(math.NaN())
	}
	r.rates[second%kept], r.lates[second%kept] = float32(rate), float32(late)
	r.last = second
}

// rate returns what a pipeline was last measured to send, 0 while that is unknown.
func (h *history) rate(id string, pipeline int) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rings[id]
	if r == nil || pipeline >= len(r.meters) {
		return 0
	}
	return math.Round(rounded(r.meters[pipeline].rate, 1))
}

// json returns the hour before now in steps of so many seconds: the mean of
// the rates and the largest lateness of each, null where there was none.
func (h *history) json(id string, now time.Time, step int64) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	end := (now.Unix() + 1) / step * step
	b := append([]byte(`{"end":`), strconv.FormatInt(end, 10)...)
	b = append(strconv.AppendInt(append(b, `,"step":`...), step, 10), `,"rate":[`...)
	r := h.rings[id]
	b = r.append(b, end, step, func(r *ring, at int64) float32 { return r.rates[at] }, mean, 0)
	b = append(b, `],"late":[`...)
	b = r.append(b, end, step, func(r *ring, at int64) float32 { return r.lates[at] }, largest, 3)
	return append(b, "]}\n"...)
}

// append writes the values of the steps before end, which it does not hold.
func (r *ring) append(b []byte, end, step int64, of func(*ring, int64) float32, sum func([]float32) float32, decimals int) []byte {
	values := make([]float32, 0, step)
	for from := end - kept; from < end; from += step {
		values = values[:0]
		for s := from; s < from+step; s++ {
			if r != nil && s <= r.last && s > r.last-kept && s >= 0 {
				values = append(values, of(r, s%kept))
			}
		}
		if from > end-kept {
			b = append(b, ',')
		}
		v := float64(sum(values))
		if math.IsNaN(v) {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendFloat(b, v, 'f', decimals, 32)
		}
	}
	return b
}

// mean returns that of the numbers among the values, NaN for none.
func mean(values []float32) float32 {
	total, n := 0.0, 0
	for _, v := range values {
		if v == v {
			total, n = total+float64(v), n+1
		}
	}
	return float32(total / float64(n))
}

// largest returns that of the numbers among the values, NaN for none.
func largest(values []float32) float32 {
	top := float32(math.NaN())
	for _, v := range values {
		if v == v && !(v <= top) {
			top = v
		}
	}
	return top
}
