package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// recover waits before the next attempt, which continues with the first byte that
// is missing. It returns false if there is none.
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

// request starts a transfer of what is wanted and some blocks after it: few at a
// new position, more with each request that continues the last one.
func (f *fetcher) request(ctx context.Context, next blockRange) error {
	i := next[0]
	f.window = 2 * f.window
	if i != f.nextBlock {
		f.window = firstWindow
	}
	f.window = min(lastWindow, max(firstWindow, f.window, next[1]-i))
	f.nextBlock = f.store.blocks.gapEnd(i, f.window)
	v := f.store.version
	r := request{from: int64(i) * blockSize, to: min(v.Size, int64(f.nextBlock)*blockSize), match: v}
	t, err := startTransfer(ctx, f.object, r, f.timing.stall)
	if err != nil {
		f.nextBlock = i
		return err
	}
	f.use(t)
	return nil
}

// requestRange asks for a range of bytes (RFC 9110, 14.2), and for none of another
// version (13.1). Weak tags do not work with ranges.
func requestRange(h http.Header, r request) {
	h.Set("Range", fmt.Sprintf("bytes=%d-%d", r.from, r.to-1))
	switch {
	case r.noneMatch.Tag != "":
		h.Set("If-None-Match", r.noneMatch.Tag)
	case r.noneMatch.Modified != "":
		h.Set("If-Modified-Since", r.noneMatch.Modified)
	case r.match.Tag != "" && !strings.HasPrefix(r.match.Tag, "W/"):
		h.Set("If-Range", r.match.Tag)
	case r.match.Tag == "" && r.match.Modified != "":
		h.Set("If-Range", r.match.Modified)
	}
}
