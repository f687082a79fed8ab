package player

import (
	"fmt"
	"sync"
	"weak"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// plans are the multiplexes of one lap that inputs use, by their configuration as
// text. They are collected with the last input. Any goroutine may use plans.
type plans struct {
	mu  sync.Mutex
	all map[string]weak.Pointer[mpegts.Plan]
}

// get returns the plan of a configuration. It derives it from one that differs in
// names and PIDs alone, if there is one, which costs next to nothing.
func (p *plans) get(l *loop.Loop, c mpegts.Config) (*mpegts.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fmt.Sprintf("%+v", c)
	if plan := p.all[key].Value(); plan != nil {
		return plan, nil
	}
	if p.all == nil {
		p.all = map[string]weak.Pointer[mpegts.Plan]{}
	}
	for used, pointer := range p.all {
		other := pointer.Value()
		if other == nil {
			delete(p.all, used)
			continue
		}
		if plan, err := other.With(c); plan != nil || err != nil {
			p.all[key] = weak.Make(plan)
			return plan, err
		}
	}
	plan, err := mpegts.New(l, c)
	p.all[key] = weak.Make(plan)
	return plan, err
}
