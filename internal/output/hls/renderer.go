package hls

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"sync"
)

// Options is what there is to say about a Maker. The zero value of a field means its default.
type Options struct {
	// AtOnce is how many segments are made at the same time, by default 1: each
	// takes a core for some milliseconds, and playing out comes first.
	AtOnce int
	// Keep is how many bytes of segments are kept for those who ask next, by default 32 MiB.
	Keep int64
	// Log, if not nil, is told of segments that could not be made.
	Log *slog.Logger
}

// Renderer makes segments, a few at a time, and keeps those made last: however
// many players ask for one, it is made once. A process has one for all its
// timelines. Any goroutine may use it.
type Renderer struct {
	log   *slog.Logger
	slots chan struct{}
	limit int64

	mu    sync.Mutex
	made  map[string]*making
	order *list.List // of those that are made, the one used last in front
	bytes int64
}

// making is a segment that is made or being made.
type making struct {
	name string
	done chan struct{} // closed when data or err is there
	data []byte
	err  error
	at   *list.Element // in order, nil while it is made
}

// NewRenderer returns a maker that has made nothing yet.
func NewRenderer(o Options) *Renderer {
	m := &Renderer{log: o.Log, limit: o.Keep, made: map[string]*making{}, order: list.New()}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if m.limit == 0 {
		m.limit = 32 << 20
	}
	m.slots = make(chan struct{}, max(1, o.AtOnce))
	return m
}

// segment returns the bytes of a segment, which are not to be changed. Making
// goes on when ctx is done before: somebody will ask again.
func (m *Renderer) segment(ctx context.Context, s segment, r *rendition) ([]byte, error) {
	job := m.job(ctx, s, r)
	select {
	case <-job.done:
		return job.data, job.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// job returns the making of a segment, which it begins if need be.
func (m *Renderer) job(ctx context.Context, s segment, r *rendition) *making {
	name := s.name(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	job, ok := m.made[name]
	if ok {
		if job.at != nil {
			m.order.MoveToFront(job.at)
		}
		return job
	}
	job = &making{name: name, done: make(chan struct{})}
	m.made[name] = job
	go m.make(context.WithoutCancel(ctx), job, s, r)
	return job
}

// make makes a segment, when what it is made of is here and it is its turn.
func (m *Renderer) make(ctx context.Context, job *making, s segment, r *rendition) {
	defer close(job.done)
	ctx, cancel := context.WithTimeout(ctx, arrival)
	defer cancel()
	if job.err = s.arrive(ctx); job.err == nil {
		m.slots <- struct{}{}
		at := s.piece()
		job.data, job.err = r.Append(make([]byte, 0, r.Size(at)), at)
		<-m.slots
	}
	switch {
	case errors.Is(job.err, context.DeadlineExceeded): // The source itself tells of that, once.
	case job.err != nil:
		m.log.Warn("a segment cannot be made", "segment", job.name, "error", job.err)
	}
	m.keep(job)
}

// keep keeps what was made, and forgets what is too much; what could not be
// made is tried again when it is asked for again.
func (m *Renderer) keep(job *making) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if job.err != nil {
		delete(m.made, job.name)
		return
	}
	job.at = m.order.PushFront(job)
	m.bytes += int64(len(job.data))
	for m.bytes > m.limit {
		last := m.order.Back()
		old := m.order.Remove(last).(*making)
		delete(m.made, old.name)
		m.bytes -= int64(len(old.data))
	}
}
