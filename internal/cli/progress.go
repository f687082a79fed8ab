package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/player"
	remote "github.com/lilo-live/lilo/internal/source"
)

// progressLine shows how far some work is, on a terminal and at most ten times a
// second. Any goroutine may use it.
type progressLine struct {
	line  *statusLine
	now   func() time.Time
	delay time.Duration // nothing is shown before

	mu          sync.Mutex
	began, last time.Time
	closed      bool
}

// progressLine returns a line on the error output that appears after delay.
func (p *Program) progressLine(delay time.Duration) *progressLine {
	now := p.now()
	return &progressLine{line: &statusLine{term: p.err}, now: p.now, delay: delay, began: now, last: now}
}

// update shows what text returns for the time spent so far and the terminal's width.
func (l *progressLine) update(text func(spent time.Duration, width int) string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	spent := now.Sub(l.began)
	if l.closed || spent < l.delay || now.Sub(l.last) < 100*time.Millisecond {
		return
	}
	l.last = now
	l.line.Update(text(spent, l.line.term.width()))
}

// close removes the line. Later updates are not shown.
func (l *progressLine) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.line.Clear()
}

// playerOptions returns the options with which a command opens its source. On a
// terminal they show the progress of fetching and encoding until done is called.
func (p *Program) playerOptions() (o player.Options, done func()) {
	o = player.LocalOptions()
	o.Now = p.now
	if !p.err.live() {
		return o, func() {}
	}
	l := p.progressLine(0)
	o.Source.Progress = func(at remote.Progress) {
		l.update(func(spent time.Duration, width int) string { return fetchingText(at, spent, width) })
	}
	o.Encoding = func(at encode.Progress) {
		l.update(func(spent time.Duration, width int) string { return encodingText(at, spent, width) })
	}
	return o, l.close
}

// fetchingText returns the progress of fetching a source.
func fetchingText(at remote.Progress, spent time.Duration, width int) string {
	if at.Size <= 0 {
		return "fetching: " + size(at.Have) + " so far"
	}
	return bar("fetching "+size(at.Size), float64(at.Have)/float64(at.Size), spent, width)
}

// encodingText returns the progress of encoding a source.
func encodingText(at encode.Progress, spent time.Duration, width int) string {
	text, speed := "encoding", ""
	if at.Waiting {
		text = "another process is encoding"
	}
	if at.Speed > 0 {
		speed = fmt.Sprintf("  %.1f × real time", at.Speed)
	}
	return bar(text, at.Fraction, spent, width-len(speed)) + speed
}

// bar returns what is being done with a bar of the share of it that is done, 0 to
// 1, and the time that the rest will take.
func bar(what string, share float64, spent time.Duration, width int) string {
	share = min(1, max(0, share))
	text := fmt.Sprintf(" %3.0f %%", 100*share)
	if share > 0 {
		left := time.Duration(float64(spent) / share * (1 - share))
		text += "  " + clock(left) + " left"
	}
	cells := min(40, width-len(text)-len(what+" []")-1)
	if cells < 4 {
		return what + text
	}
	done := int(share * float64(cells))
	bar := make([]byte, cells)
	for i := range bar {
		bar[i] = '.'
		if i < done {
			bar[i] = '#'
		}
	}
	return what + " [" + string(bar) + "]" + text
}
