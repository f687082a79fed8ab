package source

import (
	"context"
	"errors"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// recover waits before the next attempt. It returns false if there is none.
func (f *fetcher) recover(ctx context.Context, err error) bool {
	f.drop()
	if ctx.Err() != nil {
		return false
	}
	e, ok := errors.AsType[*fetchError](err)
	if !ok {
		e = &fetchError{temporary, withoutURL(err)}
	}
	f.failures++
	if final := f.finalError(e); final != nil {
		f.store.blocks.fail(final)
		return false
	}
	f.reportOutage(e)
	pause := f.timing.backoff(f.failures)
	if f.store.blocks.waiting() {
		pause = min(pause, f.timing.urgent)
	}
	f.store.blocks.clearWanted()
	f.pause(ctx, pause)
	return true
}

// finalError returns the error with which fetching ends, nil if it continues.
func (f *fetcher) finalError(e *fetchError) error {
	switch {
	case e.kind == changed:
		return fault.New(fault.Changed, "%s %s: start again to play what it is now", f.object.name(), e.reason)
	case e.kind == noSpace && f.failures == 1 && f.store.cache.MakeRoom(f.store.entry.ID, f.store.version.Size) == nil:
		return nil
	case f.onAir.Load() || !f.store.blocks.waiting():
		return nil
	case e.kind != temporary || f.failures >= f.timing.attempts:
		return fault.New(fault.Source, "%s %s", f.object.name(), e.reason)
	}
	return nil
}

// reportOutage notifies, once, that a channel on air waits for bytes.
func (f *fetcher) reportOutage(e *fetchError) {
	if !f.onAir.Load() || !f.store.blocks.waiting() || f.stalled.Swap(true) {
		return
	}
	f.outage = time.Now()
	f.outages.Add(1)
	f.opts.Notify(f.object.name() + " " + e.reason + ": the channel stays on air on null packets until bytes come")
	f.opts.Progress(f.progress())
}
