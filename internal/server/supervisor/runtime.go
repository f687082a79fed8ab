package supervisor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/sleep"
)

// runtime runs a channel and holds what is known of it while the process lives.
type runtime struct {
	s       *Supervisor
	id, arn string
	wake    chan struct{} // filled when the record was replaced
	given   chan struct{} // filled when the duty of this node has changed
	tried   chan struct{} // filled when a pipeline was tried
	alerts  *alerts

	mu        sync.Mutex
	pipelines []*pipeline // while they play or are tried
	held      bool        // it is not started, since that ended the server
	losses    [2]losses   // of each pipeline; only the monitor uses them
	last      *Target     // of the newest record that was read
}

func newRuntime(s *Supervisor, r *record.Channel) *runtime {
	c := &runtime{s: s, id: *r.Doc.Id, arn: aws.ToString(r.Doc.Arn), wake: make(chan struct{}, 1), given: make(chan struct{}, 1), tried: make(chan struct{}, 1)}
	c.alerts = &alerts{
		now:   s.records.Now,
		newID: func() int64 { return s.records.Now().UnixMilli()*1000 + s.alerts.Add(1)%1000 },
		emit: func(a types.ChannelAlert) {
			s.o.Emit(event.Alert, event.Detail{
				ChannelARN: c.arn, Pipeline: *a.PipelineId, Message: *a.Message,
				AlarmState: string(a.State), AlarmID: *a.Id, AlertType: *a.AlertType,
			})
		},
	}
	return c
}

// record returns the channel's record, nil if there is none.
func (c *runtime) record() *record.Channel { return c.s.records.Channels.Get(c.id) }

// name returns the channel's name.
func (c *runtime) name() string {
	if r := c.record(); r != nil {
		return aws.ToString(r.Doc.Name)
	}
	return ""
}

// restart restarts the matching pipelines.
func (c *runtime) restart(match func(index int) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pipelines {
		if match(p.index) {
			signal(p.restart)
		}
	}
}

// snapshot returns the pipelines of the target.
func (c *runtime) snapshot() []Pipeline {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		return nil
	}
	all := make([]Pipeline, len(c.last.Pipelines))
	for i, p := range c.last.Pipelines {
		all[i].Spec, all[i].addresses = p.Spec, c.last.addresses[i]
		if i < len(c.pipelines) {
			all[i].Playback = c.pipelines[i].playback
		}
	}
	return all
}

// sends reports whether a pipeline plays here.
func (c *runtime) sends(index int) bool {
	if c.s.duty(placement.Key{Channel: c.id, Pipeline: index}).Window == player.Nothing() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.pipelines, func(p *pipeline) bool { return p.index == index && p.playback != nil })
}

// running returns how many pipelines play, here or at other nodes.
func (c *runtime) running() (n int) {
	for i := range maxPipelines {
		if c.sends(i) || c.s.report(placement.Key{Channel: c.id, Pipeline: i}).Sends {
			n++
		}
	}
	return n
}

// recovering reports whether pipelines keep failing, here or at other nodes.
func (c *runtime) recovering() bool {
	for i := range maxPipelines {
		if c.s.report(placement.Key{Channel: c.id, Pipeline: i}).Recovering {
			return true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held || slices.ContainsFunc(c.pipelines, func(p *pipeline) bool { return p.recovering })
}

// target returns what the record says must run now, and alerts of the settings that
// are not honoured.
func (c *runtime) target() (*Target, error) {
	r := c.record()
	if r == nil {
		return nil, errors.New("the channel no longer exists")
	}
	c.mu.Lock()
	t := c.last
	c.mu.Unlock()
	if t != nil && t.of == r && (t.until.IsZero() || c.s.records.Now().Before(t.until)) {
		return t, nil
	}
	t, err := c.s.Target(r, c.s.records.Inputs.Find)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.record() == r {
		c.last = t
	}
	c.mu.Unlock()
	c.alertSettings(t)
	return t, nil
}

// alertSettings sets the alerts of the settings that are not honoured.
func (c *runtime) alertSettings(t *Target) {
	texts := map[string]bool{}
	for _, u := range t.Unsupported {
		texts[u.Path+": "+u.Text] = true
	}
	c.alerts.clearIf(func(a types.ChannelAlert) bool { return *a.AlertType == alertSetting && !texts[*a.Message] })
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		c.alerts.set(0, alertSetting, text)
	}
}

// runGuarded runs the channel until it is deleted or ctx is done. If that panics,
// it begins again after a pause that grows.
func (c *runtime) runGuarded(ctx context.Context) {
	for wait := minRetry; ; wait = min(2*wait, maxRetry) {
		err := c.s.guard.Do("supervising channel "+c.id, func() error { c.run(ctx); return nil })
		if err == nil || !sleep.For(ctx, wait) {
			return
		}
	}
}

// run does what the channel's state asks for, from state to state, until the
// channel is deleted or ctx is done.
func (c *runtime) run(ctx context.Context) {
	for ctx.Err() == nil {
		r := c.record()
		if r == nil || r.Deleted() {
			c.s.forget(c.id)
			return
		}
		if _, err := c.target(); err != nil {
			c.s.o.Log.Debug("a channel cannot be played", "channel", c.id, "name", c.name(), "error", err)
		}
		switch r.State() {
		case types.ChannelStateStarting, types.ChannelStateRunning, types.ChannelStateRecovering:
			c.play(ctx, r)
		case types.ChannelStateIdle, types.ChannelStateCreateFailed, types.ChannelStateUpdateFailed:
			select {
			case <-c.wake:
			case <-ctx.Done():
			}
		default:
			c.leave(ctx, r.State())
		}
	}
}

// leave does the work of a transient state and moves the channel to the next.
func (c *runtime) leave(ctx context.Context, state types.ChannelState) {
	if !c.s.o.Leads(c.id) { // Another node does it, or dies; then this one may lead.
		select {
		case <-c.wake:
		case <-time.After(leaveAgain):
		case <-ctx.Done():
		}
		return
	}
	d, f := c.s.o.Delays, c.s.takeFault(c.id)
	switch state {
	case types.ChannelStateCreating:
		if sleep.For(ctx, max(d.Creating, f.Slow)) && c.move(ctx, state, c.playable(types.ChannelStateCreateFailed, f.Fail)) {
			c.emitState("", "CREATED", "Created channel")
		}
	case types.ChannelStateUpdating:
		if sleep.For(ctx, max(d.Updating, f.Slow)) && c.move(ctx, state, c.playable(types.ChannelStateUpdateFailed, f.Fail)) {
			c.emitState("", "UPDATED", "Updated channel")
		}
	case types.ChannelStateStopping:
		if sleep.For(ctx, max(d.Stopping, f.Slow)) && c.move(ctx, state, types.ChannelStateIdle) {
			c.emitStates("STOPPED", "Stopped channel")
		}
	case types.ChannelStateDeleting:
		if sleep.For(ctx, max(d.Deleting, f.Slow)) && c.move(ctx, state, types.ChannelStateDeleted) {
			c.emitState("", "DELETED", "Deleted channel")
		}
	default: // No other state is transient.
	}
}

// leaveAgain is after how long it is looked again which node does the work of a state.
const leaveAgain = time.Second

// playable returns IDLE for a channel that can be played, failed for one that cannot or
// is to fail.
func (c *runtime) playable(failed types.ChannelState, fail bool) types.ChannelState {
	_, err := c.target()
	if fail {
		err = errors.New("it failed because a caller asked for that")
	}
	if err != nil {
		c.alerts.set(0, alertDocument, err.Error())
		return failed
	}
	c.alerts.clear(0, alertDocument)
	return types.ChannelStateIdle
}

// move moves the channel from one state to another, and retries while the store
// fails. It returns false if the channel was in another state or ctx is done.
func (c *runtime) move(ctx context.Context, from, to types.ChannelState) bool {
	for wait := minRetry; ; wait = min(2*wait, maxRetry) {
		moved, err := c.tryMove(ctx, from, to)
		if err == nil {
			return moved
		}
		if !sleep.For(ctx, wait) {
			return false
		}
	}
}

func (c *runtime) tryMove(ctx context.Context, from, to types.ChannelState) (moved bool, err error) {
	err = c.s.records.Update(ctx, func(tx *record.Tx) error {
		r := tx.Channels.Get(c.id)
		if moved = r != nil && r.State() == from; moved {
			tx.Channels.Put(c.id, r.InState(to, tx.Now))
		}
		return nil
	})
	return moved, err
}

// holdOff waits, if starting the channel ended the server before, until it is stopped or
// ctx is done, and returns whether it did.
func (c *runtime) holdOff(ctx context.Context) bool {
	why, held := c.s.starts.held(c.id)
	if !held {
		return false
	}
	c.s.o.Log.Error("a channel is not started", "channel", c.id, "name", c.name(), "error", why)
	c.s.starts.hold(c.id)
	set := func(held bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held = held
	}
	set(true)
	c.alerts.set(0, alertHeld, why)
	for r := c.record(); r != nil && r.OnAir(); r = c.record() {
		select {
		case <-c.wake:
		case <-ctx.Done():
			return true
		}
	}
	set(false)
	c.alerts.clear(0, alertHeld)
	c.s.starts.forget(c.id)
	return true
}

// play plays the pipelines while the state asks for it.
func (c *runtime) play(ctx context.Context, r *record.Channel) {
	if c.holdOff(ctx) {
		return
	}
	if _, err := c.target(); err == nil {
		c.alerts.clear(0, alertDocument) // Of an update that failed.
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer func() {
		cancel()
		all.Wait()
		c.setPipelines(nil)
		c.alerts.clearIf(func(a types.ChannelAlert) bool { return *a.AlertType != alertSetting })
	}()
	select {
	case <-c.tried: // It was of an earlier start.
	default:
	}
	var pipelines []*pipeline
	for i := range r.Pipelines() {
		pipelines = append(pipelines, newPipeline(c, i))
	}
	c.setPipelines(pipelines)
	ready := make(chan struct{})
	all.Go(func() {
		if !c.awaitDuty(ctx, pipelines) {
			return
		}
		started := c.s.starts.begin(ctx, c.id, r.State())
		for _, p := range pipelines {
			all.Go(func() { p.run(ctx) })
		}
		c.awaitStart(ctx, pipelines, r.State(), started, ready)
	})
	c.follow(ctx, r, pipelines, ready)
}

func (c *runtime) setPipelines(all []*pipeline) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pipelines = all
}

// awaitStart closes ready once every pipeline was tried and the least time of a start
// has passed; started is called once they were tried.
func (c *runtime) awaitStart(ctx context.Context, pipelines []*pipeline, state types.ChannelState, started func(), ready chan<- struct{}) {
	defer started()
	if state == types.ChannelStateStarting && !sleep.For(ctx, max(c.s.o.Delays.Starting, c.s.takeFault(c.id).Slow)) {
		return
	}
	if c.awaitTried(ctx, pipelines) {
		close(ready)
	}
}

// awaitTried waits until every pipeline was tried, or one of them where other nodes may have
// the others. It returns false when ctx is done first.
func (c *runtime) awaitTried(ctx context.Context, pipelines []*pipeline) bool {
	tried := []<-chan struct{}{c.tried}
	if !c.s.o.Shared {
		tried = nil
		for _, p := range pipelines {
			tried = append(tried, p.tried)
		}
	}
	for _, one := range tried {
		select {
		case <-one:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// follow reacts to changes of the record until the channel must not play any more.
func (c *runtime) follow(ctx context.Context, r *record.Channel, pipelines []*pipeline, ready <-chan struct{}) {
	next := time.NewTimer(time.Hour)
	defer next.Stop()
	var retry <-chan time.Time
	for {
		next.Stop()
		if at, now := r.NextSwitch(c.s.records.Now()), c.s.records.Now(); !at.IsZero() {
			next.Reset(max(time.Millisecond, at.Sub(now)))
		}
		select {
		case <-ready:
			ready, retry = nil, c.becomeRunning(ctx)
		case <-retry:
			retry = c.becomeRunning(ctx)
		case <-next.C:
			c.emitInput(r, pipelines)
			if len(r.Lengths) > 0 { // What follows the next input is planned now.
				c.reschedule(pipelines)
			}
		case <-c.wake:
		case <-ctx.Done():
			return
		}
		before := r
		if r = c.record(); r == nil || !r.OnAir() {
			return
		}
		if !r.History.End.Equal(before.History.End) || len(r.Actions) != len(before.Actions) {
			c.reschedule(pipelines)
		}
	}
}

// becomeRunning moves the channel to RUNNING. If that cannot be stored, it returns
// when to retry.
func (c *runtime) becomeRunning(ctx context.Context) (retry <-chan time.Time) {
	moved, err := c.tryMove(ctx, types.ChannelStateStarting, types.ChannelStateRunning)
	if err != nil {
		return time.After(minRetry)
	}
	if moved || !c.s.o.Shared {
		c.emitStates("RUNNING", "Pipeline started")
	}
	return nil
}

// inspect updates the alerts of a pipeline that plays.
func (c *runtime) inspect(index int, n player.Snapshot) {
	c.alerts.setIf(n.Remote && n.Fetched.Stalled, index, alertInputLoss, "the source cannot be read now: null packets replace what is missing")
	trouble := ""
	for _, o := range n.Outputs {
		if o.LastError != "" {
			trouble = o.URL + " " + strings.TrimPrefix(o.LastError, o.URL+" ")
			break
		}
	}
	c.alerts.setIf(trouble != "", index, alertOutput, trouble)
	c.alerts.setNotes(index, n.Notes)
	c.inspectLosses(index, n)
}

// reschedule gives the pipelines the schedule that the record has now.
func (c *runtime) reschedule(pipelines []*pipeline) {
	t, err := c.target()
	if err != nil {
		c.alerts.set(0, alertSchedule, err.Error())
		return
	}
	for _, p := range pipelines {
		if p.index >= len(t.Pipelines) {
			continue
		}
		select {
		case <-p.schedule: // The pipeline has not taken the previous one.
		default:
		}
		p.schedule <- t.Pipelines[p.index].Schedule
	}
}

// emitState emits a change of state of the channel, or of a pipeline.
func (c *runtime) emitState(pipeline, state, message string) {
	n := c.running()
	c.s.o.Emit(event.StateChange, event.Detail{ChannelARN: c.arn, Pipeline: pipeline, State: state, Message: message, PipelinesRunningCount: &n})
}

// emitStates emits a change of state of each pipeline.
func (c *runtime) emitStates(state, message string) {
	if r := c.record(); r != nil {
		for i := range r.Pipelines() {
			c.emitState(pipelineID(i), state, message)
		}
	}
}

// emitInput emits the input that plays now.
func (c *runtime) emitInput(r *record.Channel, pipelines []*pipeline) {
	active := r.ActiveInput(c.s.records.Now())
	for _, p := range pipelines {
		if c.s.o.Shared && !c.sends(p.index) {
			continue
		}
		c.s.o.Emit(event.InputChange, event.Detail{
			ChannelARN: c.arn, Pipeline: pipelineID(p.index), Message: "Input switch event on pipeline",
			ActiveInputAttachmentName: active.Attachment, ActiveInputSwitchActionName: active.Action,
		})
	}
}
