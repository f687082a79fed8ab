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
	leave   func() bool   // has the context of Open not matter any more
	done    chan struct{} // closed when the fetcher has ended
}

// start fetches the object of the store from now on, beginning with what has
// come already, if that is not nil. The source lives until it is closed, or
// until ctx is done before it is on air.
func start(ctx context.Context, f *fetcher) *remote {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &remote{object: f.object, store: f.store, fetcher: f, cancel: cancel, done: make(chan struct{})}
	r.leave = context.AfterFunc(ctx, func() {
		cancel()
		f.store.blocks.fail(fault.New(fault.Internal, "interrupted: %s was not read to its end", f.object.name()))
	})
	go func() {
		defer close(r.done)
		f.run(life)
	}()
	return r
}

// Size implements Source.
func (r *remote) Size() int64 { return r.store.version.Size }

// Identity implements Source.
func (r *remote) Identity() string {
	v := r.store.version
	if !v.lasting() {
		return r.store.entry.ID
	}
	return fmt.Sprintf("%s %s %d", digest(r.object.key()), v.id(), v.Size)
}

// OnAir implements Remote.
func (r *remote) OnAir() {
	r.leave()
	r.fetcher.onAir.Store(true)
}

// Progress implements Remote.
func (r *remote) Progress() Progress { return r.fetcher.progress() }

// ReadAt implements io.ReaderAt. It waits for what is not here yet.
func (r *remote) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= r.Size() {
		return 0, io.EOF
	}
	end := min(off+int64(len(p)), r.Size())
	want := run{int(off / blockSize), int((end + blockSize - 1) / blockSize)}
	if err := r.store.blocks.wait(context.Background(), want, true); err != nil {
		return 0, err
	}
	n, err := r.store.data.ReadAt(p[:end-off], off)
	switch {
	case int64(n) < end-off:
		return n, fault.New(fault.Source, "%s is damaged: %w: remove it with lilo cache clear", r.store.path(), short(err))
	case n < len(p):
		return n, io.EOF
	}
	return n, nil
}

// Wait returns when n bytes at off are here, without reading them, or ctx is done.
func (r *remote) Wait(ctx context.Context, off, n int64) error {
	end := min(off+n, r.Size())
	if off < 0 || off >= end {
		return nil
	}
	return r.store.blocks.wait(ctx, run{int(off / blockSize), int((end + blockSize - 1) / blockSize)}, true)
}

// short is err, where that does not just say that a file ends.
func short(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return cause(err)
}

// Download implements Remote.
func (r *remote) Download(ctx context.Context) (string, error) {
	if err := r.store.blocks.wait(ctx, run{0, len(r.store.blocks.have)}, false); err != nil {
		return "", err
	}
	return r.store.path(), r.store.whole()
}

// Close implements io.Closer. Readers that wait get an error.
func (r *remote) Close() error {
	r.leave()
	r.cancel()
	<-r.done
	r.store.blocks.fail(fault.New(fault.Internal, "%s: %w", r.object.name(), os.ErrClosed))
	return r.store.close()
}

// openRemote opens an object: what the cache has of it, if the server says that
// this is still good or is not there to say, and otherwise what the server has.
func openRemote(ctx context.Context, o object, opts Options, p patience) (Source, error) {
	box, err := cache.Open(os.Getenv)
	if err != nil {
		return nil, err
	}
	op := &opening{object: o, opts: opts, cache: box, clock: wall{}, patience: p}
	return op.open(ctx)
}
