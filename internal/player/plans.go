package player

import (
	"fmt"
	"slices"
	"sync"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// plans are the multiplexes of one lap that are in use. Any goroutine may use them.
type plans struct {
	mu   sync.Mutex
	list []*sharedPlan
}

// sharedPlan is a plan that one or more inputs use.
type sharedPlan struct {
	config string // as text, to be compared
	plan   *mpegts.Plan
	refs   int
}

// take returns the plan of a configuration with one more reference. One that
// differs from another in names and PIDs alone costs next to nothing.
func (p *plans) take(l *loop.Loop, c mpegts.Config) (*mpegts.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("%+v", c)
	for _, s := range p.list {
		if s.config == text {
			s.refs++
			return s.plan, nil
		}
	}
	plan, err := p.make(l, c)
	if err == nil {
		p.list = append(p.list, &sharedPlan{config: text, plan: plan, refs: 1})
	}
	return plan, err
}

func (p *plans) make(l *loop.Loop, c mpegts.Config) (*mpegts.Plan, error) {
	for _, s := range p.list {
		if plan, err := s.plan.With(c); plan != nil || err != nil {
			return plan, err
		}
	}
	return mpegts.New(l, c)
}

// leave drops a reference to a plan.
func (p *plans) leave(plan *mpegts.Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.list, func(s *sharedPlan) bool { return s.plan == plan })
	if i < 0 {
		return
	}
	if p.list[i].refs--; p.list[i].refs == 0 {
		p.list = slices.Delete(p.list, i, i+1)
	}
}
