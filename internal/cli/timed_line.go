package cli

import (
	"sync"
	"time"
)

// timedLine is a status line with the time that its text has been shown for, which
// counts up on a terminal.
type timedLine struct {
	*statusLine

	now func() time.Time
	end chan struct{}
	all sync.WaitGroup

	mu    sync.Mutex
	text  string
	since time.Time
}

// timedLine returns a line on the output; close must be called.
func (p *Program) timedLine() *timedLine {
	l := &timedLine{statusLine: &statusLine{term: p.out}, now: p.now, end: make(chan struct{})}
	if p.out.live() {
		l.all.Go(l.run)
	}
	return l
}

func (l *timedLine) run() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-l.end:
			return
		case <-tick.C:
			l.show()
		}
	}
}

// set shows text; if it is another one, its time begins now.
func (l *timedLine) set(text string) {
	l.mu.Lock()
	if text != l.text {
		l.text, l.since = text, l.now()
	}
	l.mu.Unlock()
	l.show()
}

func (l *timedLine) show() {
	l.mu.Lock()
	text, since := l.text, l.since
	l.mu.Unlock()
	if text != "" {
		l.Update(text + "  " + clock(l.now().Sub(since)))
	}
}

// close removes the line.
func (l *timedLine) close() {
	close(l.end)
	l.all.Wait()
	l.Clear()
}
