package source

import (
	"context"
	"errors"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

// opening is an object on its way to be a Source.
type opening struct {
	object   object
	opts     Options
	cache    *cache.Cache
	clock    clock
	patience patience
	tries    int
}

func (o *opening) open(ctx context.Context) (Source, error) {
	id, kept := o.kept()
	for {
		flow, err := o.first(ctx, kept)
		if err == nil {
			return o.answered(ctx, flow, id, kept)
		}
		t, ok := errors.AsType[*trouble](err)
		switch {
		case !ok:
			return nil, err
		case t.kind == same:
			return o.play(ctx, id, kept.Version, nil)
		case t.kind == changed:
			kept = state{Version: version{Size: -1}}
		case kept.complete() && (t.kind == passing || t.kind == unknown) && ctx.Err() == nil:
			o.opts.Notify(o.object.name() + " " + t.why + ": what the cache has of it is played")
			return o.play(ctx, id, kept.Version, nil)
		case !o.again(ctx, t):
			return nil, o.fault(ctx, t)
		}
	}
}

// kept returns what the cache has of the object: the version used last.
func (o *opening) kept() (id string, st state) {
	ids, _ := o.cache.Find(digest(o.object.key()) + "-")
	for _, id := range ids {
		if st, err := readState(o.cache.Path(id, stateName)); err == nil {
			return id, st
		}
	}
	return "", state{Version: version{Size: -1}}
}

// first asks for the first bytes that are not here, which answers everything
// else too: is it there, may it be read, which version is it, how long. Of what
// is here as a whole it asks whether it is still good.
func (o *opening) first(ctx context.Context, kept state) (*flow, error) {
	switch {
	case kept.Version.Size < 0:
		return begin(ctx, o.object, ask{to: firstWindow * blockSize}, o.clock, o.patience.stall)
	case kept.complete():
		return begin(ctx, o.object, ask{to: 1, unless: kept.Version}, o.clock, o.patience.check)
	}
	from := 0
	if len(kept.Have) > 0 && kept.Have[0][0] == 0 {
		from = kept.Have[0][1]
	}
	a := ask{from: int64(from) * blockSize, to: min(kept.Version.Size, int64(from+firstWindow)*blockSize), is: kept.Version}
	return begin(ctx, o.object, a, o.clock, o.patience.stall)
}

// again waits before the next try, or returns false when there is none.
func (o *opening) again(ctx context.Context, t *trouble) bool {
	o.tries++
	if t.kind != passing || o.tries >= o.patience.tries || ctx.Err() != nil {
		return false
	}
	over := make(chan struct{})
	timer := o.clock.timer(o.patience.pause(o.tries), func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func (o *opening) fault(ctx context.Context, t *trouble) error {
	if ctx.Err() != nil {
		return fault.New(fault.Internal, "interrupted: %s was not opened", o.object.name())
	}
	return fault.New(fault.Source, "%s %s", o.object.name(), t.why)
}

// answered opens the version that the server has, which may be the one that is here.
func (o *opening) answered(ctx context.Context, flow *flow, id string, kept state) (Source, error) {
	v, still := flow.version, kept.Version.Size >= 0 && flow.version.same(kept.Version)
	switch {
	case still:
		v = kept.Version
	case id != "":
		// Nobody will ask again for the version that was. While one plays it, it stays.
		_ = o.cache.Remove(id)
		fallthrough
	default:
		id = entryID(o.object, v)
	}
	if v.Size < 0 {
		return o.spool(ctx, flow, id)
	}
	if kept.complete() && (still || flow.partial) { // It was but asked whether all is as it was.
		flow.close()
		flow = nil
	}
	return o.play(ctx, id, v, flow)
}

// play opens what the cache has and has the rest fetched, beginning with what comes already.
func (o *opening) play(ctx context.Context, id string, v version, flow *flow) (Source, error) {
	s, err := openStore(o.cache, id, o.object.name(), v)
	if err != nil {
		if flow != nil {
			flow.close()
		}
		return nil, err
	}
	return start(ctx, o.fetcher(s, flow)), nil
}

func (o *opening) fetcher(s *store, flow *flow) *fetcher {
	f := &fetcher{object: o.object, store: s, opts: o.opts, clock: o.clock, patience: o.patience}
	if flow != nil {
		f.window = firstWindow
		f.take(flow)
	}
	return f
}

// spool fetches an object of unknown size to its end, for a source has a size.
func (o *opening) spool(ctx context.Context, flow *flow, id string) (Source, error) {
	o.opts.Notify(o.object.name() + " comes without its length: it is played when it is here as a whole")
	s, err := openStore(o.cache, id, o.object.name(), flow.version)
	if err != nil {
		flow.close()
		return nil, err
	}
	for {
		err := s.spool(flow, o.cache.Limit(), func(n int64) { o.opts.Progress(Progress{Have: n, Size: -1}) })
		flow.close()
		if err == nil {
			break
		}
		if flow, err = o.anew(ctx, s.version, err); err != nil {
			return nil, errors.Join(err, s.entry.Discard())
		}
	}
	if err := s.save(); err != nil {
		return nil, errors.Join(fault.New(fault.Source, "%s %w", o.object.name(), err), s.entry.Discard())
	}
	return start(ctx, o.fetcher(s, nil)), nil
}

// anew asks again for all of an object of unknown size, after the trouble given.
func (o *opening) anew(ctx context.Context, v version, err error) (*flow, error) {
	for {
		t, ok := errors.AsType[*trouble](err)
		if !ok {
			return nil, err
		}
		if !o.again(ctx, t) {
			return nil, o.fault(ctx, t)
		}
		var f *flow
		if f, err = begin(ctx, o.object, ask{to: firstWindow * blockSize, is: v}, o.clock, o.patience.stall); err == nil {
			return f, nil
		}
	}
}
