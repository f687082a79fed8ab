package supervisor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/admission"
	"github.com/lilo-live/lilo/internal/fault"
)

// The pause before the first and before later attempts. It doubles each time: up to
// maxRetry while a pipeline cannot be started, up to maxRestart if it starts and ends
// again and again.
const (
	minRetry   = 250 * time.Millisecond
	maxRetry   = 15 * time.Second
	maxRestart = 2 * time.Minute
	// steady is how long a pipeline plays until its failures are forgotten.
	steady = time.Minute
)

// failures are those of a pipeline since it last played for long.
type failures struct {
	attempts int  // that failed, in a row
	broken   int  // of them, those that are not about a source that is missing or forbidden
	ended    bool // the last one ended while it played
	logged   string
	pause    time.Duration
}

// add counts a failure and returns the pause before the next attempt.
func (f *failures) add(err error, played time.Duration) time.Duration {
	if played >= steady {
		*f = failures{}
	}
	most := maxRetry
	if f.ended = played > 0; f.ended {
		most = maxRestart
	}
	f.attempts++
	if kind := fault.KindOf(err); f.ended || kind != fault.Source && kind != fault.Usage {
		f.broken++
	}
	f.pause = min(max(minRetry, 2*f.pause), max(most, f.pause))
	return f.pause
}

// recovering reports whether the pipeline keeps failing, although its source is there.
// A channel whose source is missing, or not allowed, runs without it, as on MediaLive.
func (f *failures) recovering() bool { return f.broken > 1 }

// run plays the pipeline until ctx is done, and retries while it cannot play.
func (p *pipeline) run(ctx context.Context) {
	tried := sync.OnceFunc(func() {
		close(p.tried)
		signal(p.of.tried)
	})
	var failed failures
	for attempt := ctx; ctx.Err() == nil; attempt = admission.With(ctx, admission.Again) {
		if !p.awaitDuty(ctx) {
			return
		}
		played, err := p.attempt(ctx, attempt, &failed, tried)
		if err == nil || ctx.Err() != nil || !p.duty().Open {
			continue // It was stopped, or is restarted.
		}
		pause := failed.add(err, played)
		if err.Error() != failed.logged {
			failed.logged = err.Error()
			p.of.s.o.Log.Warn("a pipeline does not play; trying again", "channel", p.of.id, "name", p.of.name(), "pipeline", p.index, "error", err)
		}
		pause = p.untilSwitch(pause)
		next := p.of.s.records.Now().Add(pause).UTC().Format(time.TimeOnly)
		kind, other := alertInput, alertOutput
		if fault.KindOf(err) == fault.Destination {
			kind, other = other, kind
		}
		p.of.alerts.clear(p.index, other)
		p.of.alerts.set(p.index, kind, fmt.Sprintf("%v (attempt %d failed; the next is at %s UTC)", err, failed.attempts, next))
		p.setRecovering(failed.recovering())
		tried()
		p.rest(ctx, pause)
	}
}

// rest waits until the pipeline is to be tried again, or no longer.
func (p *pipeline) rest(ctx context.Context, pause time.Duration) {
	over := time.After(pause)
	for p.duty().Open {
		select {
		case <-p.given:
			continue
		case <-over:
		case <-p.restart:
		case <-ctx.Done():
		}
		return
	}
}

// untilSwitch returns a pause, or the time to the next input if that comes sooner: it may play
// where the one before it does not.
func (p *pipeline) untilSwitch(pause time.Duration) time.Duration {
	if r, now := p.of.record(), p.of.s.records.Now(); r != nil {
		if at := r.NextSwitch(now); !at.IsZero() {
			return min(pause, at.Sub(now))
		}
	}
	return pause
}

// attempt plays the pipeline once, until it ends, and returns for how long it did.
// start bounds how it is opened.
func (p *pipeline) attempt(ctx, start context.Context, failed *failures, tried func()) (played time.Duration, err error) {
	var b Playback
	start, opened := p.whileOpen(start)
	err = p.of.s.guard.Do("starting channel "+p.of.id, func() (err error) {
		b, err = p.start(start)
		return err
	})
	opened()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	p.setPlayback(b)
	p.of.alerts.clear(p.index, alertOutput) // Every destination is open; inspect tells how it fares.
	recovered := func() {
		p.of.alerts.clear(p.index, alertInput)
		p.setRecovering(false)
	}
	if failed.ended { // It may end again at once.
		defer time.AfterFunc(steady, recovered).Stop()
	} else {
		recovered()
		*failed = failures{}
	}
	tried()
	err = p.of.s.guard.Do("following channel "+p.of.id, func() error { return p.follow(ctx, b) })
	if err != nil {
		b.Stop() // It may play on where following it panicked.
	} else {
		recovered()
		*failed = failures{}
	}
	p.setPlayback(nil)
	return max(1, time.Since(begin)), err
}

// setRecovering tells whether the pipeline keeps failing.
func (p *pipeline) setRecovering(is bool) {
	p.of.mu.Lock()
	was := p.recovering
	p.recovering = is
	p.of.mu.Unlock()
	switch {
	case is && !was:
		p.of.emitState(pipelineID(p.index), "RECOVERING", "Pipeline keeps failing; trying again")
	case was && !is:
		p.of.emitState(pipelineID(p.index), "RUNNING", "Pipeline recovered")
	}
}
