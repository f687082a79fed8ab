package event

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Sink takes events.
type Sink interface {
	// Name tells it from others in logs and metrics. It holds no secret.
	Name() string
	// Deliver hands an event over, or says why it could not be; then it is tried again.
	Deliver(ctx context.Context, e Event) error
}

// capacity is how many events wait for a sink at most. A server of a thousand
// channels tells of a few thousand at its start.
const capacity = 16384

// The time to wait before a sink is tried again: twice as long each time.
const (
	shortest = 250 * time.Millisecond
	longest  = time.Minute
)

// Bus carries events to sinks.
type Bus struct {
	log   *slog.Logger
	lines []*queue
}

// NewBus returns a bus to those sinks. It carries nothing before Run.
func NewBus(log *slog.Logger, sinks ...Sink) *Bus {
	b := &Bus{log: log}
	for _, s := range sinks {
		b.lines = append(b.lines, &queue{sink: s, events: make(chan *Event, capacity)})
	}
	return b
}

// Emit puts an event on the bus. It never waits.
func (b *Bus) Emit(e Event) {
	for _, q := range b.lines {
		select {
		case q.events <- &e:
		default:
			if q.dropped.Add(1) == 1 {
				b.log.Warn("events are dropped: " + q.sink.Name() + " has not taken any for too long")
			}
		}
	}
}

// Run carries events until ctx is done, and then gives what is waiting one more try.
func (b *Bus) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, q := range b.lines {
		all.Go(func() { q.run(ctx, b.log) })
	}
	<-ctx.Done() // Without sinks too.
	all.Wait()
	return nil
}

// SinkStats is how a sink fares.
type SinkStats struct {
	Sink string
	// Delivered, Failed and Dropped count events, tries that failed, and events that were dropped.
	Delivered, Failed, Dropped int64
}

// Stats tells how the sinks fare.
func (b *Bus) Stats() []SinkStats {
	var all []SinkStats
	for _, q := range b.lines {
		all = append(all, SinkStats{q.sink.Name(), q.delivered.Load(), q.failed.Load(), q.dropped.Load()})
	}
	return all
}

// queue is what waits for a sink.
type queue struct {
	sink                       Sink
	events                     chan *Event
	delivered, failed, dropped atomic.Int64
}

func (q *queue) run(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case e := <-q.events:
			if !q.insist(ctx, *e, log) {
				q.finish(ctx, *e)
				return
			}
		case <-ctx.Done():
			q.finish(ctx)
			return
		}
	}
}

// insist tries until the event is delivered, or ctx is done: then it returns false.
func (q *queue) insist(ctx context.Context, e Event, log *slog.Logger) bool {
	for wait := shortest; ; wait = min(2*wait, longest) {
		err := q.try(ctx, e)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if wait == shortest {
			log.Warn("an event was not delivered, it is tried again", "sink", q.sink.Name(), "event", e.ID, "error", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false
		}
	}
}

func (q *queue) try(ctx context.Context, e Event) error {
	err := q.sink.Deliver(ctx, e)
	if err != nil {
		q.failed.Add(1)
		return err
	}
	q.delivered.Add(1)
	return nil
}

// farewell is how long a bus that ends tries to deliver what waits.
const farewell = 2 * time.Second

// finish gives each event that waits, after those first, one last try.
func (q *queue) finish(ctx context.Context, first ...Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	for _, e := range first {
		if q.try(ctx, e) != nil {
			return
		}
	}
	for {
		select {
		case e := <-q.events:
			if q.try(ctx, *e) != nil {
				return
			}
		default:
			return
		}
	}
}
