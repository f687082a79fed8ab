package playout

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// asyncLog writes the messages of the senders on another goroutine, since a terminal may
// block.
type asyncLog struct {
	log   *slog.Logger
	queue chan message
	lost  atomic.Int64
}

type message struct {
	level         slog.Level
	channel, text string
}

func newAsyncLog(log *slog.Logger) *asyncLog {
	return &asyncLog{log: log, queue: make(chan message, 64)}
}

// add queues a message, or counts it as lost if the queue is full.
func (l *asyncLog) add(level slog.Level, channel, text string) {
	select {
	case l.queue <- message{level, channel, text}:
	default:
		l.lost.Add(1)
	}
}

// run writes messages until the queue is closed and empty.
func (l *asyncLog) run() {
	for m := range l.queue {
		l.log.Log(context.Background(), m.level, m.text, "channel", m.channel)
		if lost := l.lost.Swap(0); lost > 0 {
			l.log.Warn("log messages were lost: too many at once", "count", lost)
		}
	}
}
