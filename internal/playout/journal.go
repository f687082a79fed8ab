package playout

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// journal takes messages from the scheduler, which must not wait for a
// terminal, to a goroutine that may.
type journal struct {
	log   *slog.Logger
	lines chan line
	lost  atomic.Int64
}

type line struct {
	level   slog.Level
	text    string
	channel string
}

func newJournal(log *slog.Logger) *journal {
	return &journal{log: log, lines: make(chan line, 64)}
}

// add hands a message over, or counts it as lost when too many wait.
func (j *journal) add(level slog.Level, channel, text string) {
	select {
	case j.lines <- line{level, text, channel}:
	default:
		j.lost.Add(1)
	}
}

// run writes messages until quit is closed, and then those that wait.
func (j *journal) run(quit <-chan struct{}) {
	for {
		select {
		case l := <-j.lines:
			j.write(l)
		case <-quit:
			j.drain()
			return
		}
	}
}

func (j *journal) drain() {
	for {
		select {
		case l := <-j.lines:
			j.write(l)
		default:
			return
		}
	}
}

func (j *journal) write(l line) {
	j.log.Log(context.Background(), l.level, l.text, "channel", l.channel)
	if lost := j.lost.Swap(0); lost > 0 {
		j.log.Warn("messages were lost: there were too many", "count", lost)
	}
}
