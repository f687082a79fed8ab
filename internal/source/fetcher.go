package source

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// firstWindow is how many blocks are asked for at a place nobody was at
	// before, or as many as the reader wants. A connection is of use again only
	// when all was read, and a new one takes round trips to get going: what is
	// left of so many is read even if something else is wanted.
	firstWindow = 4
	// lastWindow is how many are asked for at once when one follows the other;
	// a round trip for each of them is lost.
	lastWindow = 1024
	// near is how many blocks ahead a wanted one may lie and be waited for.
	near = 16
	// saveEvery is after how many blocks the state is written: what a crash loses.
	saveEvery = 512
	// reportEvery is after how many blocks the progress is reported.
	reportEvery = 16
)

// fetcher brings the blocks of an object: what a reader waits for first, and
// otherwise what follows, until all are here. Where another process brings the
// rest it only brings what its own readers wait for. One goroutine owns it.
type fetcher struct {
	object   object
	store    *store
	opts     Options
	clock    clock
	patience patience

	flow       *flow
	window     int  // of the last ask, in blocks
	follow     int  // the block behind those asked for last
	sequential bool // the server knows no ranges
	tries      int  // in a row that failed
	unsaved    int  // blocks
	fresh      int  // blocks since the last report
	lost       time.Time
	release    func() // of the lock of who brings the rest; nil without it
	rested     bool   // since a reader wanted something
	buf        [blockSize]byte

	// For others to see.
	onAir   atomic.Bool
	away    atomic.Bool
	outages atomic.Int64
}

// run brings blocks until all are here or ctx is done.
func (f *fetcher) run(ctx context.Context) {
	defer f.end()
	for ctx.Err() == nil {
		next, ok := f.choose()
		switch {
		case ok && f.rest(ctx, next):
		case ok:
			if err := f.bring(ctx, next); err != nil && !f.recover(ctx, err) {
				return
			}
		case f.complete():
			f.finish()
			return
		default:
			f.look(ctx)
		}
	}
}

// choose returns the blocks to bring next; ok is false if there are none to bring.
func (f *fetcher) choose() (next run, ok bool) {
	if want, ok := f.store.blocks.wanted(); ok {
		f.rested = false
		return want, true
	}
	if f.flow != nil && f.flow.pos < f.flow.end {
		i := int(f.flow.pos / blockSize)
		return run{i, i + 1}, true
	}
	if !f.brings() {
		return run{}, false
	}
	i := f.store.blocks.next(f.follow)
	return run{i, i + 1}, i >= 0
}

// rest waits a moment, once, before it goes back from where a reader was to
// bring the rest: who reads an index often wants more of it at once. It tells
// whether there is reason to choose again.
func (f *fetcher) rest(ctx context.Context, next run) bool {
	if _, wanted := f.store.blocks.wanted(); wanted || f.rested || f.flow != nil || next[0] == f.follow {
		return false
	}
	f.rested = true
	f.idle(ctx, f.patience.rest)
	return true
}

// brings tells whether it is for this process to bring the rest.
func (f *fetcher) brings() bool {
	if f.release == nil && !f.complete() {
		f.release, _ = f.store.entry.TryLock(bringName)
	}
	return f.release != nil
}

func (f *fetcher) complete() bool {
	have, all := f.store.blocks.progress()
	return have == all
}

// look waits a little, or until a reader wants something, and takes over what
// another process has brought.
func (f *fetcher) look(ctx context.Context) {
	f.idle(ctx, f.patience.poll)
	if st, ok := f.store.load(); ok {
		f.store.blocks.adopt(st.Have)
	}
}

// idle waits, but not while a reader does.
func (f *fetcher) idle(ctx context.Context, d time.Duration) {
	f.store.blocks.calm()
	if _, ok := f.store.blocks.wanted(); !ok {
		f.pause(ctx, d)
	}
}

// pause waits, but not when ctx is done or a reader begins to wait.
func (f *fetcher) pause(ctx context.Context, d time.Duration) {
	over := make(chan struct{})
	t := f.clock.timer(d, func() { close(over) })
	defer t.Stop()
	select {
	case <-over:
	case <-f.store.blocks.asked:
	case <-ctx.Done():
	}
}

// bring reads the block that the flow is at, having first made it lead to those
// that are wanted.
func (f *fetcher) bring(ctx context.Context, next run) error {
	if !f.covers(next[0]) {
		f.drop()
		if err := f.ask(ctx, next); err != nil {
			return err
		}
	}
	at := int(f.flow.pos / blockSize)
	p := f.buf[:min(blockSize, f.store.version.Size-f.flow.pos)]
	if _, err := f.flow.fill(p); err != nil {
		return f.short(err)
	}
	if f.flow.pos >= f.flow.end {
		f.drop()
	}
	if err := f.store.put(at, p); err != nil {
		return err
	}
	return f.brought()
}

// short is trouble also where an answer ends in order, but too early.
func (f *fetcher) short(err error) error {
	if _, ok := errors.AsType[*trouble](err); ok {
		return err
	}
	return &trouble{passing, "sent less than it said"}
}

// covers tells whether the flow comes to block i soon, or to its end.
func (f *fetcher) covers(i int) bool {
	if f.flow == nil {
		return false
	}
	at := int(f.flow.pos / blockSize)
	end := int((f.flow.end + blockSize - 1) / blockSize)
	if f.sequential {
		return i >= at && i < end
	}
	return end-at <= firstWindow || i >= at && i < min(end, at+near)
}

// ask has the object send what is wanted and some blocks that follow: few at a
// new place, ever more when one follows the other.
func (f *fetcher) ask(ctx context.Context, next run) error {
	i := next[0]
	f.window = 2 * f.window
	if i != f.follow {
		f.window = firstWindow
	}
	f.window = min(lastWindow, max(firstWindow, f.window, next[1]-i))
	f.follow = f.store.blocks.gap(i, f.window)
	size := f.store.version.Size
	a := ask{from: int64(i) * blockSize, to: min(size, int64(f.follow)*blockSize), is: f.store.version}
	flow, err := begin(ctx, f.object, a, f.clock, f.patience.stall)
	if err != nil {
		f.follow = i
		return err
	}
	f.take(flow)
	return nil
}

// take goes on with an answer.
func (f *fetcher) take(flow *flow) {
	if flow.end < 0 || flow.end > f.store.version.Size {
		flow.end = f.store.version.Size
	}
	if !flow.partial && !f.sequential {
		f.opts.Notify(f.object.name() + " cannot be asked for parts: it is fetched from its beginning, and what lies late in it is waited for")
	}
	f.flow, f.sequential = flow, !flow.partial
	f.follow = int((flow.end + blockSize - 1) / blockSize)
}

// drop ends the flow.
func (f *fetcher) drop() {
	if f.flow != nil {
		f.flow.close()
		f.flow = nil
	}
}

// brought takes note of a block that came: all is well.
func (f *fetcher) brought() error {
	f.tries = 0
	f.unsaved++
	f.fresh++
	if f.away.Swap(false) {
		f.opts.Notify(f.object.name() + " is back after " + f.clock.now().Sub(f.lost).Round(time.Second/10).String())
	}
	if f.fresh >= reportEvery {
		f.fresh = 0
		f.opts.Progress(f.progress())
	}
	if f.unsaved < saveEvery {
		return nil
	}
	f.unsaved = 0
	return f.store.save()
}

func (f *fetcher) progress() Progress {
	have, _ := f.store.blocks.progress()
	return Progress{
		Have: min(f.store.version.Size, int64(have)*blockSize), Size: f.store.version.Size,
		Stalled: f.away.Load(), Outages: f.outages.Load(),
	}
}

// recover waits before the next try, or returns false when there is none.
func (f *fetcher) recover(ctx context.Context, err error) bool {
	f.drop()
	if ctx.Err() != nil {
		return false
	}
	t, ok := errors.AsType[*trouble](err)
	if !ok {
		t = &trouble{passing, plain(err)}
	}
	f.tries++
	if final := f.final(t); final != nil {
		f.store.blocks.fail(final)
		return false
	}
	f.lose(t)
	pause := f.patience.pause(f.tries)
	if f.store.blocks.waiting() {
		pause = min(pause, f.patience.urgent)
	}
	f.store.blocks.calm()
	f.pause(ctx, pause)
	return true
}

// final returns the error with which the fetching ends, nil when it goes on.
func (f *fetcher) final(t *trouble) error {
	switch {
	case t.kind == changed:
		return fault.New(fault.Changed, "%s %s: start again to play what it is now", f.object.name(), t.why)
	case t.kind == full && f.makeRoom():
		return nil
	case f.onAir.Load() || !f.store.blocks.waiting():
		return nil
	case t.kind != passing || f.tries >= f.patience.tries:
		return fault.New(fault.Source, "%s %s", f.object.name(), t.why)
	}
	return nil
}

// makeRoom has others leave the cache, once in a row.
func (f *fetcher) makeRoom() bool {
	return f.tries == 1 && f.store.cache.MakeRoom(f.store.entry.ID, f.store.version.Size) == nil
}

// lose tells, once, that a channel on air wants for bytes.
func (f *fetcher) lose(t *trouble) {
	if !f.onAir.Load() || !f.store.blocks.waiting() || f.away.Swap(true) {
		return
	}
	f.lost = f.clock.now()
	f.outages.Add(1)
	f.opts.Notify(f.object.name() + " " + t.why + ": the channel stays on air on null packets until bytes come")
	f.opts.Progress(f.progress())
}

// finish makes a complete object last.
func (f *fetcher) finish() {
	f.opts.Progress(f.progress())
	if f.unsaved == 0 {
		return
	}
	f.unsaved = 0
	if err := f.store.save(); err != nil {
		f.opts.Notify(f.object.name() + " " + err.Error() + "; it plays all the same, and will be fetched again")
	}
}

// end leaves what came to those who come next. An error loses them only what
// was not saved before.
func (f *fetcher) end() {
	f.drop()
	if f.unsaved > 0 {
		_ = f.store.save()
	}
	if f.release != nil {
		f.release()
	}
}
