package cli

import (
	"fmt"
	"sync"
	"time"

	remote "github.com/lilo-live/lilo/internal/source"
)

// fetching shows how much of a remote source is here, while it is opened, at
// most ten times a second. What is told after done is not shown.
func (p *Program) fetching(show *line) (tell func(remote.Progress), done func()) {
	var mu sync.Mutex
	over := false
	began := p.now()
	last := began
	tell = func(at remote.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if now := p.now(); !over && now.Sub(last) >= 100*time.Millisecond {
			last = now
			show.Update(fetchingText(at, now.Sub(began), p.err.width()))
		}
	}
	done = func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		show.Clear()
	}
	return tell, done
}

// fetchingText is the progress of fetching on a line.
func fetchingText(at remote.Progress, spent time.Duration, width int) string {
	if at.Size <= 0 {
		return "fetching: " + size(at.Have) + " so far"
	}
	return bar("fetching "+size(at.Size), float64(at.Have)/float64(at.Size), spent, width)
}

// fetchedText tells of a remote source on the line of a channel on air.
func fetchedText(at remote.Progress, ok bool) string {
	switch {
	case !ok:
		return ""
	case at.Stalled:
		return "  the source is away"
	case at.Have < at.Size:
		return fmt.Sprintf("  %.0f %% fetched", 100*float64(at.Have)/float64(at.Size))
	case at.Outages > 0:
		return "  the source was away " + counted(at.Outages, "time")
	}
	return ""
}
