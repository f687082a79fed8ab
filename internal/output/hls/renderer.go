package hls

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/lilo-live/lilo/internal/fault"
)

// cacheBytes is how many bytes of segments a Renderer keeps.
const cacheBytes = 32 << 20

// Renderer renders segments, one at a time (each takes a core for some
// milliseconds, and playout has priority), and keeps those used last: however many
// players ask for a segment, it is rendered once. A process has one for all its
// timelines. Any goroutine may use it.
type Renderer struct {
	log        *slog.Logger
	guard      fault.Guard
	cacheBytes int64
	rendering  sync.Mutex

	mu    sync.Mutex
	jobs  map[string]*job // by the segment's name
	used  *list.List      // jobs that are done, the one used last in front
	bytes int64
}

// job is a segment that is rendered or being rendered.
type job struct {
	name string
	done chan struct{} // closed when data or err is set
	data []byte
	err  error
	used *list.Element // nil until it is done
}

// NewRenderer returns a renderer with an empty cache, which logs the segments
// that cannot be rendered.
func NewRenderer(log *slog.Logger) *Renderer {
	return &Renderer{log: log, guard: fault.Guard{Log: log}, cacheBytes: cacheBytes, jobs: map[string]*job{}, used: list.New()}
}

// segment returns the bytes of a segment, which the caller must not change. If
// ctx is done first, rendering goes on: another request will follow.
func (r *Renderer) segment(ctx context.Context, s segment, rend *rendition) ([]byte, error) {
	j := r.job(ctx, s, rend)
	select {
	case <-j.done:
		return j.data, j.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// job returns the job of a segment, and starts it if there is none.
func (r *Renderer) job(ctx context.Context, s segment, rend *rendition) *job {
	name := s.name(rend)
	r.mu.Lock()
	defer r.mu.Unlock()
	j, ok := r.jobs[name]
	if ok {
		if j.used != nil {
			r.used.MoveToFront(j.used)
		}
		return j
	}
	j = &job{name: name, done: make(chan struct{})}
	r.jobs[name] = j
	go r.render(context.WithoutCancel(ctx), j, s, rend)
	return j
}

// render renders a segment when the source's bytes are there and it is its turn.
func (r *Renderer) render(ctx context.Context, j *job, s segment, rend *rendition) {
	defer close(j.done)
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	if j.err = s.waitForSource(ctx); j.err == nil {
		j.err = r.guard.Do("rendering an HLS segment", func() (err error) {
			r.rendering.Lock()
			defer r.rendering.Unlock()
			l := s.loopSegment()
			j.data, err = rend.Append(make([]byte, 0, rend.Size(l)), l)
			return err
		})
	}
	if j.err != nil && !errors.Is(j.err, context.DeadlineExceeded) { // The source itself reports that it is late.
		r.log.Warn("a segment cannot be rendered", "segment", j.name, "error", j.err)
	}
	r.keep(j)
}

// keep adds a job to the cache and removes those used longest ago. A job that
// has failed is removed: the next request tries again.
func (r *Renderer) keep(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.err != nil {
		delete(r.jobs, j.name)
		return
	}
	j.used = r.used.PushFront(j)
	r.bytes += int64(len(j.data))
	for r.bytes > r.cacheBytes {
		old := r.used.Remove(r.used.Back()).(*job)
		delete(r.jobs, old.name)
		r.bytes -= int64(len(old.data))
	}
}
