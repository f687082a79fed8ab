package supervisor

import (
	"context"
	"time"
)

// Fault is a fault of the service that a caller asks for, to test how it handles it.
type Fault struct {
	// Slow is the least time that the next change of state takes.
	Slow time.Duration
	// Fail makes the next creation or update fail.
	Fail bool
	// Lose is for how long pipelines are lost, by their index.
	Lose map[int]time.Duration
}

// Inject has a fault happen to a channel, instead of one that has not happened yet. The
// channel need not exist yet. Pipelines are lost at once.
func (s *Supervisor) Inject(id string, f Fault) {
	s.mu.Lock()
	delete(s.faults, id)
	if f.Slow > 0 || f.Fail {
		s.faults[id] = f
	}
	c := s.channels[id]
	s.mu.Unlock()
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pipelines {
		if d, ok := f.Lose[p.index]; ok {
			select {
			case p.lose <- d:
			default: // It is about to be lost.
			}
		}
	}
}

// takeFault returns the fault that is to happen to a channel now, and forgets it.
func (s *Supervisor) takeFault(id string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults[id]
	delete(s.faults, id)
	return f
}

// lost waits as long as the pipeline is to be lost, or until it is restarted.
func (p *pipeline) lost(ctx context.Context, d time.Duration) {
	p.setPlayback(nil)
	p.of.alerts.set(p.index, alertTaken, "the pipeline is lost for "+d.String()+", as a caller asked")
	p.setRecovering(true)
	select {
	case <-time.After(d):
	case <-p.restart:
	case <-ctx.Done():
	}
	p.of.alerts.clear(p.index, alertTaken)
}
