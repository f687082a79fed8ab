package resource

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/event"
)

// life is what is known of a channel while the process lives. The registry's
// mu guards it.
type life struct {
	// wake tells the channel's driver that the record was replaced.
	wake chan struct{}
	// pipelines are those on air, or trying to be; none otherwise.
	pipelines []*pipeline
	alerts    alerts
	// cast is what the record says is to be played, as far as it was asked for.
	cast *cast
}

// adopt has a driver care for a channel whose record is new or replaced. Its
// caller holds r.mu, or is alone.
func (r *Registry) adopt(id string, record *channelRecord) {
	if l := r.lives[id]; l != nil {
		signal(l.wake)
		return
	}
	if record.state() == types.ChannelStateDeleted {
		return
	}
	r.lives[id] = &life{wake: make(chan struct{}, 1)}
	r.unborn = append(r.unborn, id)
	signal(r.news)
}

// signal fills a channel of capacity 1.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run has the channels do what their states say, until ctx is done; then it
// takes them off air and leaves their states as they are, for the next Run to
// go on with. It is called once.
func (r *Registry) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { r.watch(ctx) })
	for {
		for _, id := range r.births() {
			all.Go(func() { r.drive(ctx, id) })
		}
		select {
		case <-r.news:
		case <-ctx.Done():
			return nil
		}
	}
}

// births returns the channels that no driver cares for yet.
func (r *Registry) births() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := r.unborn
	r.unborn = nil
	return ids
}

// record returns a channel's record, nil for none.
func (r *Registry) record(id string) *channelRecord {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.channels[id]
}

// drive does what the state of a channel says, from state to state, until the
// channel is deleted or ctx is done.
func (r *Registry) drive(ctx context.Context, id string) {
	r.mu.RLock()
	wake := r.lives[id].wake
	r.mu.RUnlock()
	for ctx.Err() == nil {
		record := r.record(id)
		if record == nil {
			return
		}
		r.look(id)
		switch record.state() {
		case types.ChannelStateDeleted:
			r.bury(id)
			return
		case types.ChannelStateStarting, types.ChannelStateRunning, types.ChannelStateRecovering:
			r.broadcast(ctx, id, wake)
		case types.ChannelStateIdle, types.ChannelStateCreateFailed, types.ChannelStateUpdateFailed:
			select {
			case <-wake:
			case <-ctx.Done():
			}
		default:
			r.step(ctx, id, record.state())
		}
	}
}

// look has the alerts say which settings of a channel are not honoured.
func (r *Registry) look(id string) {
	if _, err := r.castOf(id); err != nil {
		r.o.Log.Debug("a channel cannot be played", "channel", id, "error", err)
	}
}

// bury forgets what is only known of a channel that lives.
func (r *Registry) bury(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.lives, id)
}

// step does the work of a state in which a channel is only for a while.
func (r *Registry) step(ctx context.Context, id string, state types.ChannelState) {
	d := r.o.Delays
	switch state {
	case types.ChannelStateCreating:
		if sleep(ctx, d.Creating) && r.settle(ctx, id, state, r.verdict(id, types.ChannelStateCreateFailed)) {
			r.tell(id, "CREATED", "Created channel")
		}
	case types.ChannelStateUpdating:
		if sleep(ctx, d.Updating) && r.settle(ctx, id, state, r.verdict(id, types.ChannelStateUpdateFailed)) {
			r.tell(id, "UPDATED", "Updated channel")
		}
	case types.ChannelStateStopping:
		if sleep(ctx, d.Stopping) && r.settle(ctx, id, state, types.ChannelStateIdle) {
			r.tellPipelines(id, "STOPPED", "Stopped channel")
		}
	case types.ChannelStateDeleting:
		if sleep(ctx, d.Deleting) && r.remove(ctx, id) {
			r.tell(id, "DELETED", "Deleted channel")
		}
	default: // The others are not only for a while.
	}
}

// verdict returns IDLE for a channel that can be played, failed for one that cannot.
func (r *Registry) verdict(id string, failed types.ChannelState) types.ChannelState {
	if _, err := r.castOf(id); err != nil {
		r.alert(id, 0, alertDocument, err.Error())
		return failed
	}
	return types.ChannelStateIdle
}

// The time to wait before what failed is tried again: twice as long each time.
const (
	shortest = 250 * time.Millisecond
	longest  = 15 * time.Second
)

// settle moves a channel from one state to another, however long the disk
// refuses that. It returns false when the channel was in another state, or ctx is done.
func (r *Registry) settle(ctx context.Context, id string, from, to types.ChannelState) bool {
	for wait := shortest; ; wait = min(2*wait, longest) {
		moved, err := r.move(id, from, to)
		if err == nil {
			return moved
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// move moves a channel from one state to another, if it is in the one.
func (r *Registry) move(id string, from, to types.ChannelState) (moved bool, err error) {
	err = r.change(func(c *change) error {
		record, ok := c.channels.get(id)
		if moved = ok && record.state() == from; moved {
			c.channels.set(id, record.with(to, c.now))
		}
		return nil
	})
	return moved, err
}

// remove makes a channel one that was deleted, and its inputs free.
func (r *Registry) remove(ctx context.Context, id string) bool {
	for wait := shortest; ; wait = min(2*wait, longest) {
		err := r.change(func(c *change) error {
			record, ok := c.channels.get(id)
			if !ok {
				return nil
			}
			c.detach(record)
			c.channels.set(id, record.with(types.ChannelStateDeleted, c.now))
			return nil
		})
		if err == nil {
			return true
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// tell tells of a change of state of the channel.
func (r *Registry) tell(id, state, message string) {
	n := r.running(id)
	r.emit(event.StateChange, event.Detail{ChannelARN: r.arn("channel", id), State: state, Message: message, PipelinesRunningCount: &n})
}

// tellPipelines tells of a change of state of each pipeline.
func (r *Registry) tellPipelines(id, state, message string) {
	record := r.record(id)
	if record == nil {
		return
	}
	n := r.running(id)
	for i := range pipelineCount(record.doc) {
		r.emit(event.StateChange, event.Detail{
			ChannelARN: r.arn("channel", id), Pipeline: pipelineID(i), State: state, Message: message, PipelinesRunningCount: &n,
		})
	}
}

// running returns how many pipelines of a channel are on air.
func (r *Registry) running(id string) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.lives[id].running()
}

func (l *life) running() int {
	if l == nil {
		return 0
	}
	n := 0
	for _, p := range l.pipelines {
		if p.broadcast != nil {
			n++
		}
	}
	return n
}
