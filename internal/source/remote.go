package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

// remote is an object on a server that is read through the cache.
type remote struct {
	object  object
	store   *store
	fetcher *fetcher
	cancel  context.CancelFunc
	detach  func() bool   // from the context of Open
	done    chan struct{} // closed when the fetcher has ended
}

// openRemote opens an object through the user's cache.
func openRemote(ctx context.Context, o object, opts Options, t timing) (Source, error) {
	c, err := cache.Open(os.Getenv)
	if err != nil {
		return nil, err
	}
	op := &opener{object: o, opts: opts, cache: c, timing: t}
	return op.open(ctx)
}

// startRemote runs the fetcher until the source is closed, or until ctx is done
// before the source is on air.
func startRemote(ctx context.Context, f *fetcher) *remote {
	fetching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &remote{object: f.object, store: f.store, fetcher: f, cancel: cancel, done: make(chan struct{})}
	r.detach = context.AfterFunc(ctx, func() {
		cancel()
		f.store.blocks.fail(fault.New(fault.Internal, "interrupted: %s was not read to its end", f.object.name()))
	})
	go func() {
		defer close(r.done)
		var guard fault.Guard
		if err := guard.Do("fetching "+f.object.name(), func() error { f.run(fetching); return nil }); err != nil {
			f.store.blocks.fail(err)
		}
	}()
	return r
}

func (r *remote) Size() int64 { return r.store.version.Size }

func (r *remote) Identity() string {
	v := r.store.version
	if !v.recognizable() {
		return r.store.entry.ID
	}
	return fmt.Sprintf("%s %s %d", digest(r.object.key()), v.id(), v.Size)
}

func (r *remote) OnAir() {
	r.detach()
	r.fetcher.onAir.Store(true)
}

func (r *remote) Progress() Progress { return r.fetcher.progress() }

// ReadAt implements io.ReaderAt. It waits for missing bytes.
func (r *remote) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= r.Size() {
		return 0, io.EOF
	}
	end := min(off+int64(len(p)), r.Size())
	if err := r.store.blocks.wait(context.Background(), blocksOf(off, end), true); err != nil {
		return 0, err
	}
	n, err := r.store.data.ReadAt(p[:end-off], off)
	switch {
	case int64(n) < end-off:
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return n, fault.New(fault.Source, "%s is damaged: %w: remove it with lilo cache clear", r.store.path(), fault.Reason(err))
	case n < len(p):
		return n, io.EOF
	}
	return n, nil
}

func (r *remote) Wait(ctx context.Context, off, n int64) error {
	end := min(off+n, r.Size())
	if off < 0 || off >= end {
		return nil
	}
	return r.store.blocks.wait(ctx, blocksOf(off, end), true)
}

func (r *remote) Download(ctx context.Context) (string, error) {
	if err := r.store.blocks.wait(ctx, blocksOf(0, r.Size()), false); err != nil {
		return "", err
	}
	return r.store.path(), r.store.checkSize()
}

// Close implements io.Closer. Waiting readers get an error.
func (r *remote) Close() error {
	r.detach()
	r.cancel()
	<-r.done
	r.store.blocks.fail(fault.New(fault.Internal, "%s: %w", r.object.name(), os.ErrClosed))
	return r.store.close()
}
