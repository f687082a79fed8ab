package supervisor

import (
	"context"
	"errors"
	"time"

	"github.com/lilo-live/lilo/internal/admission"
	"github.com/lilo-live/lilo/internal/channel"
)

// pipeline is one pipeline of a channel that should play.
type pipeline struct {
	of    *runtime
	index int
	// tried is closed after the first attempt to start it.
	tried chan struct{}
	// restart asks for a restart, schedule for another schedule. Both have room for one.
	restart  chan struct{}
	schedule chan channel.Schedule
	// lose asks for the loss of the pipeline for a time. It has room for one.
	lose chan time.Duration
	// given is filled when the duty of this node has changed. giveUp, if not nil, ends an
	// attempt to start; the channel's mu guards it.
	given  chan struct{}
	giveUp context.CancelFunc
	// playback is nil while it does not play. The channel's mu guards it.
	playback Playback
	// recovering is set while it keeps failing. The channel's mu guards it.
	recovering bool
}

func newPipeline(of *runtime, index int) *pipeline {
	return &pipeline{of: of, index: index, tried: make(chan struct{}), restart: make(chan struct{}, 1), given: make(chan struct{}, 1), schedule: make(chan channel.Schedule, 1), lose: make(chan time.Duration, 1)}
}

// start starts what the channel's record says now.
func (p *pipeline) start(ctx context.Context) (Playback, error) {
	t, err := p.of.target()
	if err != nil {
		return nil, err
	}
	if p.index >= len(t.Pipelines) {
		return nil, errors.New("the channel no longer has this pipeline")
	}
	select {
	case <-p.schedule: // It is part of the target.
	default:
	}
	config := t.Pipelines[p.index]
	config.Window = p.duty().Window
	return p.of.s.o.Play(ctx, config)
}

func (p *pipeline) setPlayback(b Playback) {
	p.of.mu.Lock()
	p.playback = b
	p.of.mu.Unlock()
	p.of.s.changedHere()
}

// follow controls a playback until it ends. It returns nil if it stopped it.
func (p *pipeline) follow(ctx context.Context, b Playback) error {
	var missed retry // of the schedule
	if b.Snapshot().Skipped {
		missed.later()
	}
	for {
		select {
		case <-b.Done():
			if err := b.Err(); err != nil {
				return err
			}
			return errors.New("the stream has ended")
		case s := <-p.schedule:
			p.setSchedule(ctx, b, s, &missed)
		case <-missed.again:
			p.of.reschedule([]*pipeline{p})
		case <-p.given:
			d := p.duty()
			if !d.Open {
				b.Stop()
				return nil
			}
			b.SetWindow(d.Window)
		case <-p.restart:
			b.Stop()
			return nil
		case d := <-p.lose:
			b.Stop()
			p.lost(ctx, d)
			return nil
		case <-ctx.Done():
			b.Stop()
			return nil
		}
	}
}

// setSchedule gives a playback a schedule. If a source of it cannot be opened, an alert says
// so, and it is tried again.
func (p *pipeline) setSchedule(ctx context.Context, b Playback, s channel.Schedule, missed *retry) {
	if missed.pause > 0 {
		ctx = admission.With(ctx, admission.Again)
	}
	if err := b.SetSchedule(ctx, s); err != nil && ctx.Err() == nil {
		p.of.alerts.set(p.index, alertSchedule, err.Error())
		missed.later()
		return
	}
	*missed = retry{}
	p.of.alerts.clear(p.index, alertSchedule)
}

// retry is when to try something again; the zero value is never.
type retry struct {
	pause time.Duration
	again <-chan time.Time
}

// later makes it after a pause that grows.
func (r *retry) later() {
	r.pause = min(max(minRetry, 2*r.pause), maxRetry)
	r.again = time.After(r.pause)
}
