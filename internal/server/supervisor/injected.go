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
}

// Inject has a fault happen with the next change of a channel's state, instead of one that has
// not happened yet. The channel need not exist yet.
func (s *Supervisor) Inject(id string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[id] = f
}

// Lose has a pipeline of a channel be lost for a time, at once.
func (s *Supervisor) Lose(id string, index int, d time.Duration) {
	if p := s.pipeline(id, index); p != nil {
		select {
		case p.lose <- d:
		default: // It is about to be lost.
		}
	}
}

// Plays reports whether a channel is on air with a pipeline of that index.
func (s *Supervisor) Plays(id string, index int) bool { return s.pipeline(id, index) != nil }

// pipeline returns a pipeline of a channel that is on air, nil if there is none.
func (s *Supervisor) pipeline(id string, index int) *pipeline {
	c := s.channel(id)
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if index >= len(c.pipelines) {
		return nil
	}
	return c.pipelines[index]
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
