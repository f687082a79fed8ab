package player

import (
	"context"
	"errors"
	"sync"
	"weak"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// inputs opens inputs. Those of one version of a source share its descriptor, index
// and lap, and those with the same settings a plan. Any goroutine may use it.
type inputs struct {
	opts  Options
	guard fault.Guard

	mu      sync.Mutex
	opening int       // goroutines that open a source
	idle    sync.Cond // opening is 0 again
	// byName has sources that are being opened, by the name in the spec. byIdentity
	// has open ones; a replaced file has another identity.
	byName, byIdentity map[sourceKey]*sharedSource
}

// sourceKey distinguishes sources by name or identity, by who reads them, and by how they are encoded
// or kept.
type sourceKey struct {
	source  string
	login   channel.Login
	encoded bool
	encode  channel.Encode
	keepES  bool
}

// sourceMemory is how many bytes a process keeps of the files that several channels play. A lap of a
// minute at 8 Mb/s fits.
const sourceMemory = 64 << 20

func newInputs(o Options) *inputs {
	o = o.complete()
	o.Source.Memory = source.NewMemory(sourceMemory)
	p := &inputs{opts: o, guard: fault.Guard{Log: o.Log}, byName: map[sourceKey]*sharedSource{}, byIdentity: map[sourceKey]*sharedSource{}}
	p.idle.L = &p.mu
	return p
}

// sharedSource is a source that is open, or being opened, for several inputs.
type sharedSource struct {
	openedSource openedSource
	parts        map[channel.Clipping]weak.Pointer[openedSource] // guarded by the mutex of inputs
	name         sourceKey
	cancel       context.CancelFunc
	ready        chan struct{} // closed when it is open, has failed or duplicates another
	work         work

	// The mutex of inputs guards these; err and duplicates are final once ready is closed.
	refs       int
	done       bool // ready is closed
	identity   sourceKey
	err        error
	duplicates *sharedSource // the source that was already open, if this is the same one
}

// open opens the source of the spec, or shares it with the inputs that have it
// open, and plans its multiplex. It gives up when ctx is done. Faults are of kind
// Source, Media or Rate.
func (p *inputs) open(ctx context.Context, spec channel.Spec) (*input, error) {
	in := &input{spec: spec}
	s, err := p.take(ctx, spec)
	if err != nil {
		return nil, in.wrap(err)
	}
	err = p.guard.Do("planning "+in.name(), func() error {
		leave, err := p.opts.Admission.Enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		if in.openedSource, err = p.part(s, spec.Clipping); err != nil {
			return err
		}
		in.plan, err = in.plans.get(ctx, in.loop, multiplexConfig(spec))
		return err
	})
	if err != nil && ctx.Err() != nil {
		err = interrupted(spec)
	}
	if err != nil {
		return nil, errors.Join(in.wrap(err), p.leave(s))
	}
	in.shared, in.release = s, sync.OnceValue(func() error { return p.leave(s) })
	return in, nil
}

// share returns another input with what one has open, nil if that is being closed.
func (p *inputs) share(in *input) *input {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := in.shared
	if s.refs == 0 {
		return nil
	}
	s.refs++
	other := *in
	other.release = sync.OnceValue(func() error { return p.leave(s) })
	return &other
}

func interrupted(spec channel.Spec) error {
	return fault.New(fault.Internal, "interrupted: %s was not opened", source.Redact(spec.Source))
}

// take returns an open source with one more reference.
func (p *inputs) take(ctx context.Context, spec channel.Spec) (*sharedSource, error) {
	s := p.join(ctx, spec)
	for {
		select {
		case <-s.ready:
		case <-ctx.Done():
			_ = p.leave(s) // An error concerns those who still wait.
			return nil, interrupted(spec)
		}
		if s.duplicates != nil {
			s = s.duplicates
			continue
		}
		if s.err != nil {
			return nil, errors.Join(s.err, p.leave(s))
		}
		if p.isShared(s) {
			if k, ok := s.openedSource.source.(source.Keeper); ok {
				k.Keep()
			}
		}
		return s, nil
	}
}

// isShared reports whether several inputs have the source open.
func (p *inputs) isShared(s *sharedSource) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return s.refs > 1
}

// join returns the source that is being opened under the spec's name, or begins
// to open it.
func (p *inputs) join(ctx context.Context, spec channel.Spec) *sharedSource {
	name := keyOf(spec.Source, spec)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.byName[name]; s != nil {
		s.refs++
		return s
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &sharedSource{name: name, parts: map[channel.Clipping]weak.Pointer[openedSource]{}, ready: make(chan struct{}), cancel: cancel, refs: 1, work: work{clock: p.opts.now}}
	p.byName[name] = s
	p.opening++
	go p.fill(ctx, s, spec)
	return s
}

func keyOf(source string, spec channel.Spec) sourceKey {
	k := sourceKey{source: source, login: spec.Login, keepES: spec.KeepES}
	if spec.Encode != nil {
		k.encoded, k.encode = true, *spec.Encode
	}
	return k
}

// fill opens the source, unless it turns out to be open already.
func (p *inputs) fill(ctx context.Context, s *sharedSource, spec channel.Spec) {
	opts := p.opts
	opts.Source.Progress, opts.Encoding = both(s.work.fetching, opts.Source.Progress), both(s.work.encoding, opts.Encoding)
	err := p.guard.Do("opening "+source.Redact(spec.Source), func() error {
		leave, err := p.opts.Admission.Enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		opened, err := opts.OpenSource(ctx, spec.Source, opts.sourceOf(spec))
		if err != nil {
			return err
		}
		s.openedSource.source = opened
		if p.isOpen(s, keyOf(opened.Identity(), spec)) {
			return nil
		}
		return s.openedSource.index(ctx, spec, opts)
	})
	if !p.finish(s, err) {
		_ = s.openedSource.close() // Nothing was read from it, or err is reported already.
		s.cancel()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opening--
	p.idle.Broadcast()
}

// both returns a function that calls two, of which the second may be nil.
func both[T any](one, other func(T)) func(T) {
	if other == nil {
		return one
	}
	return func(v T) {
		one(v)
		other(v)
	}
}

// isOpen reports whether the source is open already, and redirects all who wait for
// s to it; otherwise later calls find s.
func (p *inputs) isOpen(s *sharedSource, identity sourceKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.byIdentity[identity]; other != nil {
		s.duplicates = other
		other.refs += s.refs
		return true
	}
	if s.refs > 0 {
		s.identity = identity
		p.byIdentity[identity] = s
	}
	return false
}

// finish wakes all who wait for s and reports whether it stays open: not if it
// duplicates another, has failed, or nobody waits for it any more.
func (p *inputs) finish(s *sharedSource, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.err, s.done = err, true
	stays := s.duplicates == nil && err == nil && s.refs > 0
	if !stays {
		p.forget(s)
	} else if p.byName[s.name] == s {
		delete(p.byName, s.name)
	}
	close(s.ready)
	return stays
}

// forget removes s from the maps. The caller holds mu.
func (p *inputs) forget(s *sharedSource) {
	if p.byName[s.name] == s {
		delete(p.byName, s.name)
	}
	if p.byIdentity[s.identity] == s {
		delete(p.byIdentity, s.identity)
	}
}

// leave drops a reference to s and closes s with the last one.
func (p *inputs) leave(s *sharedSource) error {
	p.mu.Lock()
	for s.duplicates != nil {
		s = s.duplicates
	}
	s.refs--
	last, open := s.refs == 0, s.done && s.err == nil
	if last {
		p.forget(s)
	}
	p.mu.Unlock()
	if !last {
		return nil
	}
	defer s.cancel() // While s is being opened, this ends it, and fill closes it.
	if !open {
		return nil
	}
	return s.openedSource.close()
}

// wait returns when no source is being opened any more.
func (p *inputs) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.opening > 0 {
		p.idle.Wait()
	}
}
