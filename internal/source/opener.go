package source

import (
	"context"
	"errors"
	"time"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

// opener opens an object: the cached copy if the server confirms it or cannot
// be asked, otherwise the server's version.
type opener struct {
	object   object
	opts     Options
	cache    *cache.Cache
	timing   timing
	attempts int
}

func (o *opener) open(ctx context.Context) (Source, error) {
	id, cached := o.cached()
	for {
		t, err := o.firstTransfer(ctx, cached)
		if err == nil {
			return o.openVersion(ctx, t, id, cached)
		}
		e, ok := errors.AsType[*fetchError](err)
		switch {
		case !ok:
			return nil, err
		case e.kind == notModified:
			return o.start(ctx, id, cached.Version, nil)
		case e.kind == changed:
			cached = state{Version: version{Size: -1}}
		case cached.complete() && (e.kind == temporary || e.kind == unknownHost) && ctx.Err() == nil:
			o.opts.Notify(o.object.name() + " " + e.reason + ": the cached copy is played")
			return o.start(ctx, id, cached.Version, nil)
		default:
			if err := o.pause(ctx, e); err != nil {
				return nil, err
			}
		}
	}
}

// cached returns the version that was last used of the object, of size -1 if
// the cache has none.
func (o *opener) cached() (id string, st state) {
	ids, _ := o.cache.Find(digest(o.object.key()) + "-")
	for _, id := range ids {
		if st, err := readState(o.cache.Path(id, stateName)); err == nil {
			return id, st
		}
	}
	return "", state{Version: version{Size: -1}}
}

// firstTransfer requests the first missing bytes, which also answers whether
// the object exists, its version and its size. If nothing is missing it asks
// whether the cached version is current.
func (o *opener) firstTransfer(ctx context.Context, cached state) (*transfer, error) {
	switch {
	case cached.Version.Size < 0:
		return startTransfer(ctx, o.object, request{to: firstWindow * blockSize}, o.timing.stall)
	case cached.complete():
		return startTransfer(ctx, o.object, request{to: 1, noneMatch: cached.Version}, o.timing.revalidate)
	}
	from := 0
	if len(cached.Have) > 0 && cached.Have[0][0] == 0 {
		from = cached.Have[0][1]
	}
	r := request{from: int64(from) * blockSize, to: min(cached.Version.Size, int64(from+firstWindow)*blockSize), match: cached.Version}
	return startTransfer(ctx, o.object, r, o.timing.stall)
}

// pause waits before the next attempt. It returns an error if there is none.
func (o *opener) pause(ctx context.Context, e *fetchError) error {
	o.attempts++
	if ctx.Err() == nil {
		if e.kind != temporary || o.attempts >= o.timing.attempts {
			return fault.New(fault.Source, "%s %s", o.object.name(), e.reason)
		}
		select {
		case <-time.After(o.timing.backoff(o.attempts)):
			return nil
		case <-ctx.Done():
		}
	}
	return fault.New(fault.Internal, "interrupted: %s was not opened", o.object.name())
}

// openVersion opens the version that the server sends, which may be the cached one.
func (o *opener) openVersion(ctx context.Context, t *transfer, id string, cached state) (Source, error) {
	v, same := t.version, cached.Version.Size >= 0 && t.version.same(cached.Version)
	if same {
		v = cached.Version
	} else {
		if id != "" { // Nobody will request the old version again. It stays while it is played.
			_ = o.cache.Remove(id)
		}
		id = entryID(o.object, v)
	}
	if v.Size < 0 {
		return o.spool(ctx, t, id)
	}
	if cached.complete() && (same || t.partial) { // The request was a question only.
		t.close()
		t = nil
	}
	return o.start(ctx, id, v, t)
}

// start opens the cache entry and fetches what is missing, beginning with the
// transfer if it is not nil.
func (o *opener) start(ctx context.Context, id string, v version, t *transfer) (Source, error) {
	s, err := openStore(o.cache, id, o.object.name(), v)
	if err != nil {
		if t != nil {
			t.close()
		}
		return nil, err
	}
	return startRemote(ctx, o.newFetcher(s, t)), nil
}

func (o *opener) newFetcher(s *store, t *transfer) *fetcher {
	f := &fetcher{object: o.object, store: s, opts: o.opts, timing: o.timing}
	if t != nil {
		f.window = firstWindow
		f.use(t)
	}
	return f
}

// spool fetches an object of unknown size to its end, because a source must
// have a size.
func (o *opener) spool(ctx context.Context, t *transfer, id string) (Source, error) {
	o.opts.Notify(o.object.name() + " has no known length: it is played once it has been fetched completely")
	s, err := openStore(o.cache, id, o.object.name(), t.version)
	if err != nil {
		t.close()
		return nil, err
	}
	for {
		err := s.spool(t, o.cache.Limit(), func(n int64) { o.opts.Progress(Progress{Have: n, Size: -1}) })
		t.close()
		if err == nil {
			break
		}
		if t, err = o.restart(ctx, s.version, err); err != nil {
			return nil, errors.Join(err, s.entry.Discard())
		}
	}
	if err := s.save(); err != nil {
		return nil, errors.Join(fault.New(fault.Source, "%s %w", o.object.name(), err), s.entry.Discard())
	}
	return startRemote(ctx, o.newFetcher(s, nil)), nil
}

// restart requests an object of unknown size again after an error.
func (o *opener) restart(ctx context.Context, v version, err error) (*transfer, error) {
	for {
		e, ok := errors.AsType[*fetchError](err)
		if !ok {
			return nil, err
		}
		if err := o.pause(ctx, e); err != nil {
			return nil, err
		}
		var t *transfer
		if t, err = startTransfer(ctx, o.object, request{to: firstWindow * blockSize, match: v}, o.timing.stall); err == nil {
			return t, nil
		}
	}
}
