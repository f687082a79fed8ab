package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/encode"
	remote "github.com/lilo-live/lilo/internal/source"
)

// progressLine is a status line that shows how long some work has taken. It is
// redrawn ten times a second, on a terminal only.
type progressLine struct {
	*statusLine

	now    func() time.Time
	end    chan struct{}
	redraw sync.WaitGroup

	mu    sync.Mutex
	what  string // the work that is timed
	since time.Time
	text  func(spent time.Duration) string // nil before there is any
}

// newProgressLine returns a line that appears after delay; close must be called.
func newProgressLine(term terminal, now func() time.Time, delay time.Duration) *progressLine {
	l := &progressLine{statusLine: &statusLine{term: term}, now: now, end: make(chan struct{}), since: now()}
	if term.live() {
		l.redraw.Go(func() { l.run(delay) })
	}
	return l
}

func (l *progressLine) run(delay time.Duration) {
	appears := l.now().Add(delay)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-l.end:
			return
		case <-tick.C:
		}
		l.mu.Lock()
		text, now := l.text, l.now()
		spent := now.Sub(l.since)
		l.mu.Unlock()
		if text != nil && !now.Before(appears) {
			l.Update(text(spent))
		}
	}
}

// show sets the text, a function of the time that the work has taken so far.
func (l *progressLine) show(text func(spent time.Duration) string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = text
}

// time shows what is done and for how long; the time of something else begins at zero.
func (l *progressLine) time(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if what == l.what {
		return
	}
	l.what, l.since = what, l.now()
	l.text = func(spent time.Duration) string { return what + "  " + clock(spent) }
}

// close removes the line. What is set later is not shown.
func (l *progressLine) close() {
	close(l.end)
	l.redraw.Wait()
	l.Clear()
}

// fetching shows the progress of fetching a source.
func (l *progressLine) fetching(at remote.Progress) {
	l.show(func(spent time.Duration) string {
		if at.Size <= 0 {
			return "fetching: " + size(at.Have) + " so far"
		}
		return bar("fetching "+size(at.Size), float64(at.Have)/float64(at.Size), spent, l.term.width())
	})
}

// encoding shows the progress of encoding a source.
func (l *progressLine) encoding(at encode.Progress) {
	what, speed := "encoding", ""
	if at.Waiting {
		what = "another process is encoding"
	}
	if at.Speed > 0 {
		speed = fmt.Sprintf("  %.1f × real time", at.Speed)
	}
	l.show(func(spent time.Duration) string {
		return bar(what, at.Fraction, spent, l.term.width()-len(speed)) + speed
	})
}

// bar returns what is being done, a bar for the share that is done, 0 to 1, and the
// time that the rest will take.
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
	return what + " [" + strings.Repeat("#", done) + strings.Repeat(".", cells-done) + "]" + text
}
