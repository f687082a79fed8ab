package event

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// queue holds the events that wait for a sink.
type queue struct {
	sink                       Sink
	log                        *slog.Logger
	events                     chan *Event
	delivered, failed, dropped atomic.Int64
}

func (q *queue) run(ctx context.Context) {
	for {
		select {
		case e := <-q.events:
			if !q.retry(ctx, *e) {
				q.flush(ctx, *e)
				return
			}
		case <-ctx.Done():
			q.flush(ctx)
			return
		}
	}
}

// retry tries until the event is delivered. It returns false if ctx is done first.
func (q *queue) retry(ctx context.Context, e Event) bool {
	for wait := minBackoff; ; wait = min(2*wait, maxBackoff) {
		err := q.try(ctx, e)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if wait == minBackoff {
			q.log.Warn("an event was not delivered; trying again", "sink", q.sink.Name(), "event", e.ID, "error", err)
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
	} else {
		q.delivered.Add(1)
	}
	return err
}

// flush tries the first events and then the queued ones once each, until one fails.
func (q *queue) flush(ctx context.Context, first ...Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
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
