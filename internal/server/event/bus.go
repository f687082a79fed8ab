package event

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Sink receives events.
type Sink interface {
	// Name identifies the sink in logs and metrics. It contains no secret.
	Name() string
	// Deliver delivers an event. The bus tries again after an error.
	Deliver(ctx context.Context, e Event) error
}

const (
	// queueSize is how many events may wait for a sink. A server of a thousand channels
	// emits a few thousand when it starts.
	queueSize = 16384
	// minBackoff and maxBackoff bound the wait before a retry. It doubles each time.
	minBackoff = 250 * time.Millisecond
	maxBackoff = time.Minute
	// flushTime limits the delivery of queued events when the bus ends.
	flushTime = 2 * time.Second
)

// Bus delivers events to sinks.
type Bus struct {
	log    *slog.Logger
	queues []*queue
}

// NewBus returns a bus with these sinks. It delivers nothing before Run.
func NewBus(log *slog.Logger, sinks ...Sink) *Bus {
	b := &Bus{log: log}
	for _, s := range sinks {
		b.queues = append(b.queues, &queue{sink: s, log: log, events: make(chan *Event, queueSize)})
	}
	return b
}

// Emit queues an event for every sink. It never blocks.
func (b *Bus) Emit(e Event) {
	for _, q := range b.queues {
		select {
		case q.events <- &e:
		default:
			if q.dropped.Add(1) == 1 {
				b.log.Warn("events are dropped: the queue of " + q.sink.Name() + " is full")
			}
		}
	}
}

// Run delivers events until ctx is done, and then tries once more to deliver those
// that are queued.
func (b *Bus) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, q := range b.queues {
		all.Go(func() { q.run(ctx) })
	}
	<-ctx.Done() // Even without sinks.
	all.Wait()
	return nil
}

// SinkStats counts what happened to the events for one sink.
type SinkStats struct {
	// Sink is the name of the sink.
	Sink string
	// Delivered and Dropped count events; Failed counts attempts to deliver one.
	Delivered, Failed, Dropped int64
}

// Stats returns the counts of all sinks.
func (b *Bus) Stats() []SinkStats {
	var all []SinkStats
	for _, q := range b.queues {
		all = append(all, SinkStats{q.sink.Name(), q.delivered.Load(), q.failed.Load(), q.dropped.Load()})
	}
	return all
}
