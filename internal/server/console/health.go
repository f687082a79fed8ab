package console

import (
	"cmp"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

const (
	// healthIdle is how long a pipeline is measured after the last request.
	healthIdle = 10 * time.Second
	// healthFresh is how long after an error its light is red.
	healthFresh = 10 * time.Second
	// maxMeasured is how many pipelines are measured at once: each costs as much as
	// lilo monitor does.
	maxMeasured = 16
)

// Watched is a pipeline on air, such as a [player.Channel], whose transport stream can be watched.
type Watched interface {
	Watch() (trains <-chan []byte, end func())
}

// measuring has the pipelines that are measured. It is safe for concurrent use.
type measuring struct {
	now func() time.Time

	mu  sync.Mutex
	all map[string]*measurement
}

// measurement measures what a pipeline sends.
type measurement struct {
	of     Watched
	trains <-chan []byte
	end    func()

	mu       sync.Mutex
	analyzer *monitor.Analyzer
	since    time.Time
	asked    time.Time
	seen     map[string]int64     // errors, by the name of the check
	last     map[string]time.Time // when the last error was seen
	ended    bool
}

// health is what was measured of a pipeline.
type health struct {
	// Seconds is for how long it was measured. Verdict is that of lilo monitor.
	Seconds float64 `json:"seconds"`
	Verdict string  `json:"verdict"`
	Lights  []light `json:"lights"`
}

// light is a check of ETSI TR 101 290, or one beyond it, with priority 0.
type light struct {
	Priority int    `json:"priority"`
	Clause   string `json:"clause"`
	Name     string `json:"name"`
	Errors   int64  `json:"errors"`
	// Bad says that the last error was seen in the last seconds.
	Bad bool `json:"bad"`
}

// of returns the measurement of a pipeline. It begins with the first call; ok is false if too
// many others are measured.
func (m *measuring) of(key string, w Watched, done <-chan struct{}) (one *measurement, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if one = m.all[key]; one != nil && one.of == w && one.ask(m.now()) {
		return one, true
	}
	if one == nil && len(m.all) >= maxMeasured {
		return nil, false
	}
	one = &measurement{of: w, analyzer: monitor.NewAnalyzer(monitor.Options{}), since: m.now(), asked: m.now(), seen: map[string]int64{}, last: map[string]time.Time{}}
	one.trains, one.end = w.Watch()
	m.all[key] = one
	go func() {
		one.run(m.now, done)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.all[key] == one {
			delete(m.all, key)
		}
	}()
	return one, true
}

// ask keeps the measurement going, and reports whether it goes on.
func (o *measurement) ask(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = now
	return !o.ended
}

// run measures until nobody has asked for long, or done is closed.
func (o *measurement) run(now func() time.Time, done <-chan struct{}) {
	defer o.end()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case train, ok := <-o.trains:
			if !ok {
				o.stop()
				return
			}
			o.mu.Lock()
			o.analyzer.Packets(train)
			o.mu.Unlock()
		case <-tick.C:
			if !o.isWanted(now()) {
				return
			}
		case <-done:
			return
		}
	}
}

func (o *measurement) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}

// isWanted reports whether somebody has asked lately; if not, it has ended.
func (o *measurement) isWanted(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = now.Sub(o.asked) > healthIdle
	return !o.ended
}

// health returns what was measured until now.
func (o *measurement) health(now time.Time) health {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.analyzer.Report()
	h := health{Seconds: r.Seconds, Verdict: r.Verdict, Lights: []light{}}
	for _, c := range r.Checks {
		if c.Count > o.seen[c.Name] {
			o.seen[c.Name], o.last[c.Name] = c.Count, now
		}
		if c.Priority > 0 || c.Count > 0 {
			at := o.last[c.Name]
			h.Lights = append(h.Lights, light{c.Priority, c.Clause, c.Name, c.Count, !at.IsZero() && now.Sub(at) < healthFresh})
		}
	}
	return h
}

// serveHealth answers with what lilo monitor would measure of a pipeline, since somebody began to ask.
func (c *Console) serveHealth(w http.ResponseWriter, r *http.Request, ch *Channel) {
	pipeline, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("pipeline"), "0"))
	if err != nil || pipeline < 0 || pipeline >= len(ch.Pipelines) {
		writeError(w, http.StatusNotFound, "", "there is no such pipeline: it is 0 or 1")
		return
	}
	watched := ch.Pipelines[pipeline].Watched
	if watched == nil {
		writeError(w, http.StatusConflict, "", "the pipeline is off air: start the channel")
		return
	}
	m, ok := c.measuring.of(ch.ID+"-"+strconv.Itoa(pipeline), watched, c.hub.closed)
	if !ok {
		writeError(w, http.StatusServiceUnavailable, "", "too many channels are measured: close a page of another one")
		return
	}
	writeJSON(w, http.StatusOK, m.health(c.opts.Now()))
}
