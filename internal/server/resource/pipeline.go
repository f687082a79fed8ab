package resource

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
)

// pipeline is one pipeline of a channel that is to be on air.
type pipeline struct {
	index int
	// tried is closed when it was tried once to put it on air.
	tried chan struct{}
	// again asks for a restart, schedule brings a new one. Both have room for one.
	again    chan struct{}
	schedule chan channel.Schedule
	// broadcast is nil while it is not on air. The registry's mu guards it.
	broadcast Broadcast
}

func newPipeline(index int) *pipeline {
	return &pipeline{index: index, tried: make(chan struct{}), again: make(chan struct{}, 1), schedule: make(chan channel.Schedule, 1)}
}

// broadcast keeps a channel on air while its state says so.
func (r *Registry) broadcast(ctx context.Context, id string, wake <-chan struct{}) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	record := r.record(id)
	pipelines := r.begin(id, record)
	defer func() {
		cancel()
		all.Wait()
		r.end(id)
	}()
	ready := make(chan struct{})
	for _, p := range pipelines {
		all.Go(func() { r.play(ctx, id, p) })
	}
	all.Go(func() { r.await(ctx, pipelines, record, ready) })
	r.attend(ctx, id, record, pipelines, wake, ready)
}

// begin makes the pipelines of a channel.
func (r *Registry) begin(id string, record *channelRecord) []*pipeline {
	var all []*pipeline
	for i := range pipelineCount(record.doc) {
		all = append(all, newPipeline(i))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lives[id].pipelines = all
	return all
}

// end forgets them; what they alerted of is over.
func (r *Registry) end(id string) {
	r.mu.Lock()
	r.lives[id].pipelines = nil
	r.mu.Unlock()
	r.clearIf(id, func(a types.ChannelAlert) bool { return *a.AlertType != alertSetting })
}

// await closes ready when all pipelines were tried, and what a start takes at least has passed.
func (r *Registry) await(ctx context.Context, pipelines []*pipeline, record *channelRecord, ready chan<- struct{}) {
	if record.state() == types.ChannelStateStarting && !sleep(ctx, r.o.Delays.Starting) {
		return
	}
	for _, p := range pipelines {
		select {
		case <-p.tried:
		case <-ctx.Done():
			return
		}
	}
	close(ready)
}

// attend follows what becomes of the record of a channel on air, until it is to be off air.
func (r *Registry) attend(ctx context.Context, id string, record *channelRecord, pipelines []*pipeline, wake, ready <-chan struct{}) {
	clock := newAlarm()
	defer clock.stop()
	for {
		clock.set(record.nextSwitch(r.o.Now()), r.o.Now())
		select {
		case <-ready:
			if !r.up(id) {
				ready = clock.soon()
				continue
			}
			ready = nil
		case <-clock.rings():
			r.tellInput(id, record, pipelines)
		case <-wake:
		case <-ctx.Done():
			return
		}
		was := record
		if record = r.record(id); record == nil || !record.onAir() {
			return
		}
		if !record.past.Cut.Equal(was.past.Cut) || len(record.actions) != len(was.actions) {
			r.reschedule(id, pipelines)
		}
	}
}

// up says that the channel runs. It returns false when that could not be written yet.
func (r *Registry) up(id string) bool {
	if _, err := r.move(id, types.ChannelStateStarting, types.ChannelStateRunning); err != nil {
		return false
	}
	r.tellPipelines(id, "RUNNING", "Pipeline started")
	return true
}

// play keeps a pipeline on air until ctx is done, trying again for as long as it cannot be.
func (r *Registry) play(ctx context.Context, id string, p *pipeline) {
	var once sync.Once
	tried := func() { once.Do(func() { close(p.tried) }) }
	told := ""
	for wait := shortest; ctx.Err() == nil; {
		b, err := r.start(ctx, id, p)
		if err == nil {
			wait, told = shortest, ""
			r.seat(p, b)
			r.clear(id, p.index, alertInput)
			tried()
			err = r.hold(ctx, id, p, b)
			r.seat(p, nil)
		}
		if err == nil || ctx.Err() != nil {
			continue // It was told to stop, or to begin again.
		}
		if err.Error() != told {
			told = err.Error()
			r.o.Log.Warn("a pipeline is not on air, it is tried again", "channel", id, "pipeline", p.index, "error", err)
		}
		r.alert(id, p.index, alertInput, err.Error())
		tried()
		select {
		case <-time.After(wait):
		case <-p.again:
		case <-ctx.Done():
		}
		wait = min(2*wait, longest)
	}
}

// start puts a pipeline on air, as its channel's record says now.
func (r *Registry) start(ctx context.Context, id string, p *pipeline) (Broadcast, error) {
	c, err := r.castOf(id)
	if err != nil {
		return nil, err
	}
	if p.index >= len(c.channels) {
		return nil, errors.New("the channel has no such pipeline")
	}
	select {
	case <-p.schedule: // It is in what starts now.
	default:
	}
	if err := r.allowedAll(c.channels[p.index]); err != nil {
		return nil, err
	}
	return r.o.Air.Start(ctx, c.channels[p.index])
}

// seat says what is on air in a pipeline.
func (r *Registry) seat(p *pipeline, b Broadcast) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.broadcast = b
}

// hold follows a broadcast until it ends. It returns nil where that was wanted.
func (r *Registry) hold(ctx context.Context, id string, p *pipeline, b Broadcast) error {
	for {
		select {
		case <-b.Done():
			if err := b.Err(); err != nil {
				return err
			}
			return errors.New("the stream has ended")
		case s := <-p.schedule:
			if err := b.SetSchedule(ctx, s); err != nil && ctx.Err() == nil {
				r.alert(id, p.index, alertSchedule, err.Error())
				continue
			}
			r.clear(id, p.index, alertSchedule)
		case <-p.again:
			b.Stop()
			return nil
		case <-ctx.Done():
			b.Stop()
			return nil
		}
	}
}

// reschedule gives the pipelines of a channel what its record has as schedule now.
func (r *Registry) reschedule(id string, pipelines []*pipeline) {
	c, err := r.castOf(id)
	if err != nil {
		r.alert(id, 0, alertSchedule, err.Error())
		return
	}
	for _, p := range pipelines {
		if p.index >= len(c.channels) {
			continue
		}
		of := c.channels[p.index]
		if err := r.allowedAll(of); err != nil {
			r.alert(id, p.index, alertSchedule, err.Error())
			continue
		}
		select {
		case <-p.schedule: // One that was not taken yet is outdated.
		default:
		}
		p.schedule <- of.Schedule
	}
}

// tellInput tells that another input plays now.
func (r *Registry) tellInput(id string, record *channelRecord, pipelines []*pipeline) {
	attachment, action := record.active(r.o.Now())
	for _, p := range pipelines {
		r.emit(event.InputChange, event.Detail{
			ChannelARN: r.arn("channel", id), Pipeline: pipelineID(p.index), Message: "Input switch event on pipeline",
			ActiveInputAttachmentName: attachment, ActiveInputSwitchActionName: action,
		})
	}
}

// alarm rings at an instant of the wall clock, as far as that can be foreseen.
type alarm struct{ timer *time.Timer }

func newAlarm() *alarm {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &alarm{t}
}

func (a *alarm) stop() { a.timer.Stop() }

// set has it ring at an instant; the zero Time never comes.
func (a *alarm) set(at, now time.Time) {
	a.timer.Stop()
	if !at.IsZero() {
		a.timer.Reset(max(time.Millisecond, at.Sub(now)))
	}
}

func (a *alarm) rings() <-chan time.Time { return a.timer.C }

// soon returns a channel that is closed before long.
func (a *alarm) soon() <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(shortest, func() { close(c) })
	return c
}

// watch looks at what is on air, and lets the tombstones of long ago go, until ctx is done.
func (r *Registry) watch(ctx context.Context) {
	r.purge()
	swept := time.Now()
	for sleep(ctx, watchEvery) {
		r.inspect()
		if time.Since(swept) > time.Hour {
			r.purge()
			swept = time.Now()
		}
	}
}

// inspect alerts of what ails what is on air.
func (r *Registry) inspect() {
	type one struct {
		id    string
		index int
		b     Broadcast
	}
	var all []one
	r.mu.RLock()
	for id, l := range r.lives {
		for _, p := range l.pipelines {
			if p.broadcast != nil {
				all = append(all, one{id, p.index, p.broadcast})
			}
		}
	}
	r.mu.RUnlock()
	for _, o := range all {
		s := o.b.Snapshot()
		r.alertIf(s.Remote && s.Fetched.Stalled, o.id, o.index, alertLoss, "the source cannot be read now: what is missing is played as null packets")
		text := outputTrouble(s)
		r.alertIf(text != "", o.id, o.index, alertOutput, text)
	}
}

// alertIf sets an alert, or clears it.
func (r *Registry) alertIf(set bool, id string, index int, kind, message string) {
	if set {
		r.alert(id, index, kind, message)
		return
	}
	r.clear(id, index, kind)
}

// outputTrouble says what is wrong with the outputs; nothing when nothing is.
func outputTrouble(s player.Snapshot) string {
	for _, o := range s.Outputs {
		if o.LastError != "" {
			return o.URL + " " + strings.TrimPrefix(o.LastError, o.URL+" ")
		}
	}
	return ""
}
