package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/player"
)

// opening returns how a command opens its source, showing on a terminal how
// far the work is, and what takes that away in the end.
func (p *Program) opening() (opts player.InputOptions, done func()) {
	opts = player.LocalOptions()
	show := &line{term: p.err}
	if !p.err.live() {
		return opts, func() {}
	}
	opts.Encoding = p.encoding(show)
	opts.Source.Progress, done = p.fetching(show)
	return opts, done
}

// encoding returns what shows how far an encoding is, at most ten times a second.
func (p *Program) encoding(show *line) func(encode.Progress) {
	var mu sync.Mutex
	began := p.now()
	var last time.Time
	return func(at encode.Progress) {
		mu.Lock()
		defer mu.Unlock()
		now := p.now()
		if now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		show.Update(encodingText(at, now.Sub(began), p.err.width()))
	}
}

// encodingText is the progress of an encoding on a line.
func encodingText(at encode.Progress, spent time.Duration, width int) string {
	text, tail := "encoding", ""
	if at.Waiting {
		text = "another process is encoding"
	}
	if at.Speed > 0 {
		tail = fmt.Sprintf("  %.1f × real time", at.Speed)
	}
	return bar(text, at.Fraction, spent, width-len(tail)) + tail
}
