package source

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

const (
	// firstWindow is how many blocks are requested at a new position, unless the
	// reader needs more. A connection can be reused only after its response was
	// read completely, and a new one costs round trips; so this many are read to
	// the end even if something else is wanted.
	firstWindow = 4
	// lastWindow is how many blocks are requested at once in sequential fetching;
	// each request costs a round trip.
	lastWindow = 1024
	// nearBlocks is how many blocks ahead of the transfer a wanted block may lie
	// without a new request.
	nearBlocks = 16
	// saveInterval is after how many blocks the state is saved; a crash loses so many.
	saveInterval = 512
	// reportInterval is after how many blocks the progress is reported.
	reportInterval = 16
)

// fetcher fetches the blocks of an object: first what a reader waits for, then
// the rest in order. If another process fetches the rest, it fetches only what
// its own readers wait for. It belongs to one goroutine.
type fetcher struct {
	object object
	store  *store
	opts   Options
	timing timing

	transfer   *transfer
	window     int  // blocks in the last request
	nextBlock  int  // the block after the last request
	sequential bool // the server does not support ranges
	failures   int  // in a row
	unsaved    int  // blocks since the last save
	unreported int  // blocks since the last progress report
	outage     time.Time
	unlock     func() // the lock of the process that fetches the rest; nil without it
	settled    bool   // it has waited for further reads since the last one
	buf        [blockSize]byte

	// Read by other goroutines.
	onAir   atomic.Bool
	stalled atomic.Bool
	outages atomic.Int64
}

// run fetches blocks until all are present or ctx is done.
func (f *fetcher) run(ctx context.Context) {
	defer f.close()
	for ctx.Err() == nil {
		next, ok := f.next()
		switch {
		case ok && f.settle(ctx, next):
		case ok:
			if err := f.fetch(ctx, next); err != nil && !f.recover(ctx, err) {
				return
			}
		case f.complete():
			f.finish()
			return
		default:
			f.waitForOthers(ctx)
		}
	}
}

// next returns the blocks to fetch next; false if there are none.
func (f *fetcher) next() (next blockRange, ok bool) {
	if r, ok := f.store.blocks.nextRead(); ok {
		f.settled = false
		return r, true
	}
	if f.transfer != nil && f.transfer.pos < f.transfer.end {
		i := int(f.transfer.pos / blockSize)
		return blockRange{i, i + 1}, true
	}
	if !f.lockRest() {
		return blockRange{}, false
	}
	i := f.store.blocks.next(f.nextBlock)
	return blockRange{i, i + 1}, i >= 0
}

// settle waits a moment, once, before fetching moves from where a reader was to
// the rest: who reads an index often reads more of it soon. It reports whether
// next must be called again.
func (f *fetcher) settle(ctx context.Context, next blockRange) bool {
	if _, ok := f.store.blocks.nextRead(); ok || f.settled || f.transfer != nil || next[0] == f.nextBlock {
		return false
	}
	f.settled = true
	f.idle(ctx, f.timing.settle)
	return true
}

// lockRest reports whether this process fetches the rest, which one at a time does.
func (f *fetcher) lockRest() bool {
	if f.unlock == nil && !f.complete() {
		if f.unlock, _ = f.store.entry.TryLock(restLockName); f.unlock != nil {
			f.adopt() // The last holder may have fetched everything.
		}
	}
	return f.unlock != nil
}

func (f *fetcher) complete() bool {
	have, all := f.store.blocks.progress()
	return have == all
}

// waitForOthers waits a little, or until a reader waits, and adopts the blocks
// that another process has fetched.
func (f *fetcher) waitForOthers(ctx context.Context) {
	f.idle(ctx, f.timing.poll)
	f.adopt()
}

// adopt adds the blocks that another process has saved.
func (f *fetcher) adopt() {
	if st, ok := f.store.load(); ok {
		f.store.blocks.add(st.Have...)
	}
}

// idle waits unless a reader waits.
func (f *fetcher) idle(ctx context.Context, d time.Duration) {
	f.store.blocks.clearWanted()
	if _, ok := f.store.blocks.nextRead(); !ok {
		f.pause(ctx, d)
	}
}

// pause waits until d has passed, ctx is done or a reader begins to wait.
func (f *fetcher) pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-f.store.blocks.wanted:
	case <-ctx.Done():
	}
}

// fetch reads the next block of the transfer, which it first directs to the
// wanted blocks.
func (f *fetcher) fetch(ctx context.Context, next blockRange) error {
	if !f.covers(next[0]) {
		f.drop()
		if err := f.request(ctx, next); err != nil {
			return err
		}
	}
	i := int(f.transfer.pos / blockSize)
	p := f.buf[:min(blockSize, f.store.version.Size-f.transfer.pos)]
	if _, err := f.transfer.fill(p); err != nil {
		if _, ok := errors.AsType[*fetchError](err); ok {
			return err
		}
		return &fetchError{temporary, "sent less than announced"}
	}
	if f.transfer.pos >= f.transfer.end {
		f.drop()
	}
	if err := f.store.put(i, p); err != nil {
		return err
	}
	return f.fetched()
}

// covers reports whether the transfer reaches block i soon, or its own end.
func (f *fetcher) covers(i int) bool {
	if f.transfer == nil {
		return false
	}
	pos, end := int(f.transfer.pos/blockSize), blocksOf(0, f.transfer.end)[1]
	if f.sequential {
		return i >= pos && i < end
	}
	return end-pos <= firstWindow || i >= pos && i < min(end, pos+nearBlocks)
}

// use continues with a transfer.
func (f *fetcher) use(t *transfer) {
	if t.end < 0 || t.end > f.store.version.Size {
		t.end = f.store.version.Size
	}
	if !t.partial && !f.sequential {
		f.opts.Notify(f.object.name() + " is on a server without range requests: it is fetched from its beginning, and reads near its end wait")
	}
	f.transfer, f.sequential = t, !t.partial
	f.nextBlock = blocksOf(0, t.end)[1]
}

func (f *fetcher) drop() {
	if f.transfer != nil {
		f.transfer.close()
		f.transfer = nil
	}
}

func (f *fetcher) fetched() error {
	f.failures = 0
	f.unsaved++
	f.unreported++
	if f.stalled.Swap(false) {
		f.opts.Notify(f.object.name() + " is back after " + time.Since(f.outage).Round(time.Second/10).String())
	}
	if f.unreported >= reportInterval {
		f.unreported = 0
		f.opts.Progress(f.progress())
	}
	if f.unsaved < saveInterval {
		return nil
	}
	f.unsaved = 0
	return f.store.save()
}

func (f *fetcher) progress() Progress {
	have, _ := f.store.blocks.progress()
	return Progress{
		Have: min(f.store.version.Size, int64(have)*blockSize), Size: f.store.version.Size,
		Stalled: f.stalled.Load(), Outages: f.outages.Load(),
	}
}

func (f *fetcher) finish() {
	f.opts.Progress(f.progress())
	if f.unsaved == 0 {
		return
	}
	f.unsaved = 0
	if err := f.store.save(); err != nil {
		f.opts.Notify(f.object.name() + " " + err.Error() + "; it plays nevertheless, and will be fetched again")
	}
}

// close saves what was fetched for the next start. An error loses only what was
// not saved before.
func (f *fetcher) close() {
	f.drop()
	if f.unsaved > 0 {
		_ = f.store.save()
	}
	if f.unlock != nil {
		f.unlock()
	}
}
