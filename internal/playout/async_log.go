package playout

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// asyncLog takes messages from the senders, which must not wait for a terminal,
// to a goroutine that may.
type asyncLog struct {
	log   *slog.Logger
	queue chan message
	lost  atomic.Int64
}

type message struct {
	level   slog.Level
	text    string
	channel string
}

func newAsyncLog(log *slog.Logger) *asyncLog {
	return &asyncLog{log: log, queue: make(chan message, 64)}
}

// add queues a message, or counts it as lost if the queue is full.
func (l *asyncLog) add(level slog.Level, channel, text string) {
	select {
	case l.queue <- message{level, text, channel}:
	default:
		l.lost.Add(1)
	}
}

// run writes messages until quit is closed, and then those in the queue.
func (l *asyncLog) run(quit <-chan struct{}) {
	for {
		select {
		case m := <-l.queue:
			l.write(m)
		case <-quit:
			l.drain()
			return
		}
	}
}

func (l *asyncLog) drain() {
	for {
		select {
		case m := <-l.queue:
			l.write(m)
		default:
			return
		}
	}
}

func (l *asyncLog) write(m message) {
	l.log.Log(context.Background(), m.level, m.text, "channel", m.channel)
	if lost := l.lost.Swap(0); lost > 0 {
		l.log.Warn("log messages were lost: too many at once", "count", lost)
	}
}
