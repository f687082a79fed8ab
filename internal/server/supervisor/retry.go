package supervisor

import (
	"context"
	"sync"
	"time"
)

// The wait before the first and before later attempts. It doubles each time.
const (
	minRetry = 250 * time.Millisecond
	maxRetry = 15 * time.Second
)

// run plays the pipeline until ctx is done, and retries while it cannot play.
func (p *pipeline) run(ctx context.Context) {
	tried := sync.OnceFunc(func() { close(p.tried) })
	logged := ""
	for wait := minRetry; ctx.Err() == nil; {
		var b Playback
		err := p.of.s.guard.Do("starting channel "+p.of.id, func() (err error) {
			b, err = p.start(ctx)
			return err
		})
		if err == nil {
			wait, logged = minRetry, ""
			p.setPlayback(b)
			p.of.alerts.clear(p.index, alertInput)
			tried()
			err = p.of.s.guard.Do("following channel "+p.of.id, func() error { return p.follow(ctx, b) })
			if err != nil {
				b.Stop() // It may play on where following it panicked.
			}
			p.setPlayback(nil)
		}
		if err == nil || ctx.Err() != nil {
			continue // It was stopped, or is restarted.
		}
		if err.Error() != logged {
			logged = err.Error()
			p.of.s.o.Log.Warn("a pipeline does not play; trying again", "channel", p.of.id, "pipeline", p.index, "error", err)
		}
		p.of.alerts.set(p.index, alertInput, err.Error())
		tried()
		select {
		case <-time.After(wait):
		case <-p.restart:
		case <-ctx.Done():
		}
		wait = min(2*wait, maxRetry)
	}
}
