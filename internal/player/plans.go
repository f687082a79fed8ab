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
	list []*planned
}

// planned is one of them.
type planned struct {
	config string // as text, to be compared
	plan   *mpegts.Plan
	refs   int
}

// take returns the plan of a configuration, held once more. One that differs
// from another in its names and PIDs alone costs next to nothing.
func (p *plans) take(l *loop.Loop, c mpegts.Config) (*mpegts.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("%+v", c)
	for _, q := range p.list {
		if q.config == text {
			q.refs++
			return q.plan, nil
		}
	}
	plan, err := p.make(l, c)
	if err == nil {
		p.list = append(p.list, &planned{config: text, plan: plan, refs: 1})
	}
	return plan, err
}

func (p *plans) make(l *loop.Loop, c mpegts.Config) (*mpegts.Plan, error) {
	for _, q := range p.list {
		if plan, err := q.plan.With(c); plan != nil || err != nil {
			return plan, err
		}
	}
	return mpegts.New(l, c)
}

// leave gives up one hold of a plan.
func (p *plans) leave(plan *mpegts.Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.list, func(q *planned) bool { return q.plan == plan })
	if i < 0 {
		return
	}
	if p.list[i].refs--; p.list[i].refs == 0 {
		p.list = slices.Delete(p.list, i, i+1)
	}
}
