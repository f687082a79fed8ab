package player

import (
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/source"
)

// Work is what is done before a source can play.
type Work struct {
	// Encoding says that the source is encoded, Waiting that another process does that;
	// otherwise it is fetched.
	Encoding, Waiting bool
	// Share is how much is done, 0 to 1.
	Share float64
	// Left is how long the rest takes at the speed so far, 0 while that is unknown.
	Left time.Duration
}

// Opening returns what is done now to open the source of a spec; ok is false if nothing is.
func (p *Player) Opening(spec channel.Spec) (w Work, ok bool) {
	p.inputs.mu.Lock()
	s := p.inputs.byName[keyOf(spec.Source, spec)]
	p.inputs.mu.Unlock()
	if s == nil {
		return Work{}, false
	}
	return s.work.now()
}

// work is the progress of Work. Any goroutine may use it.
type work struct {
	clock func() time.Time

	mu    sync.Mutex
	known bool
	last  Work
	pace  Pace
}

// fetching follows the progress of fetching.
func (w *work) fetching(at source.Progress) {
	share := 0.0
	if at.Size > 0 {
		share = float64(at.Have) / float64(at.Size)
	}
	w.set(Work{Share: share})
}

// encoding follows the progress of encoding.
func (w *work) encoding(at encode.Progress) {
	w.set(Work{Encoding: true, Waiting: at.Waiting, Share: at.Fraction})
}

func (w *work) set(now Work) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.known || w.last.Encoding != now.Encoding || w.last.Waiting != now.Waiting {
		w.pace = Pace{}
	}
	now.Left = w.pace.Left(w.clock(), now.Share)
	w.known, w.last = true, now
}

func (w *work) now() (Work, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.known
}

// Pace tells how long work takes that had begun before: a part of a source may be in the
// cache. The zero value is ready for use.
type Pace struct {
	since time.Time
	from  float64 // the share that was done then
}

// Left returns how long the rest of the work takes at the speed so far, 0 while that is
// unknown. share is how much is done, 0 to 1.
func (p *Pace) Left(now time.Time, share float64) time.Duration {
	if p.since.IsZero() || share < p.from {
		p.since, p.from = now, share
	}
	if share <= p.from {
		return 0
	}
	return time.Duration(float64(now.Sub(p.since)) * max(0, 1-share) / (share - p.from))
}
