package player

import (
	"context"
	"fmt"
	"weak"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// plans are the multiplexes of one lap, by their configuration as text. A plan is
// collected with the last input that uses it. Any goroutine may call get.
type plans struct {
	busy chan struct{} // filled by the goroutine that uses all
	all  map[string]weak.Pointer[mpegts.Plan]
}

func newPlans() plans {
	return plans{busy: make(chan struct{}, 1), all: map[string]weak.Pointer[mpegts.Plan]{}}
}

// get returns the plan of a configuration. It derives it, at hardly any cost, from one
// that differs in names and PIDs only, if there is one. It gives up when ctx is done,
// even while another goroutine plans.
func (p *plans) get(ctx context.Context, l *loop.Loop, c mpegts.Config) (*mpegts.Plan, error) {
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	key := fmt.Sprintf("%+v", c)
	if plan := p.all[key].Value(); plan != nil {
		return plan, nil
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
	plan, err := mpegts.New(ctx, l, c)
	p.all[key] = weak.Make(plan)
	return plan, err
}
