package cli

import (
	"sync"
	"time"
)

// liveLine is a status line with the time that passes beside it, of which
// there is none but on a terminal.
type liveLine struct {
	*line

	now func() time.Time
	end chan struct{}
	all sync.WaitGroup

	mu    sync.Mutex
	text  string
	since time.Time
}

func (p *Program) liveLine() *liveLine {
	l := &liveLine{line: &line{term: p.out}, now: p.now, end: make(chan struct{})}
	if p.out.live() {
		l.all.Go(l.run)
	}
	return l
}

func (l *liveLine) run() {
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

// set shows another text, whose time begins now.
func (l *liveLine) set(text string) {
	l.mu.Lock()
	if text != l.text {
		l.text, l.since = text, l.now()
	}
	l.mu.Unlock()
	l.show()
}

func (l *liveLine) show() {
	l.mu.Lock()
	text, since := l.text, l.since
	l.mu.Unlock()
	if text != "" {
		l.Update(text + "  " + clock(l.now().Sub(since)))
	}
}

// close takes the line away.
func (l *liveLine) close() {
	close(l.end)
	l.all.Wait()
	l.Clear()
}
