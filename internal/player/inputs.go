package player

import (
	"context"
	"errors"
	"sync"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// Inputs opens channels that share what they can: all channels of one source, as
// it is now, have one descriptor, one index and one lap, and those of the same
// rate one plan. Any goroutine may use it.
type Inputs struct {
	opts InputOptions

	mu sync.Mutex
	// opening holds what is being opened, by its name; open what was, and is
	// being, by what it turned out to be: a file that was replaced is another.
	opening, open map[key]*sharedSource
}

// key tells one source from others: by its name or its identity, and by how it is encoded.
type key struct {
	source  string
	encoded bool
	how     channel.Encode
}

// NewInputs returns a pool that holds nothing yet.
func NewInputs(opts InputOptions) *Inputs {
	return &Inputs{opts: opts, opening: map[key]*sharedSource{}, open: map[key]*sharedSource{}}
}

// sharedSource is a source that is, or will be, open for some channels.
type sharedSource struct {
	openSource openSource
	plans      plans
	name       key
	cancel     context.CancelFunc
	ready      chan struct{} // closed when it is open, has failed or is known to be another

	// The pool's mutex guards these; err and same are final once ready is closed.
	refs     int
	done     bool // ready is closed
	identity key
	err      error
	same     *sharedSource // which one it is, where that was open already
}

// Open opens the source of the spec, or joins those that play it already, and
// plans the multiplex. It gives up when ctx is done. Faults are those of Open.
func (p *Inputs) Open(ctx context.Context, spec channel.Spec) (*Input, error) {
	c := &Input{spec: spec}
	s, err := p.take(ctx, spec)
	if err != nil {
		return nil, c.named(err)
	}
	c.openSource = &s.openSource
	c.plan, err = s.plans.take(s.openSource.loop, config(spec))
	if err != nil {
		return nil, errors.Join(c.named(err), p.leave(s))
	}
	c.release = sync.OnceValue(func() error {
		s.plans.leave(c.plan)
		return p.leave(s)
	})
	return c, nil
}

// take returns an open source, held once more.
func (p *Inputs) take(ctx context.Context, spec channel.Spec) (*sharedSource, error) {
	s := p.join(ctx, spec)
	for {
		select {
		case <-s.ready:
		case <-ctx.Done():
			_ = p.leave(s) // Whoever else waits is told of what goes wrong with it.
			return nil, fault.New(fault.Internal, "interrupted: %s was not opened", source.Redact(spec.Source))
		}
		if s.same != nil {
			s = s.same
			continue
		}
		if s.err != nil {
			return nil, errors.Join(s.err, p.leave(s))
		}
		return s, nil
	}
}

// join returns what is being opened under the spec's name, or has it opened.
func (p *Inputs) join(ctx context.Context, spec channel.Spec) *sharedSource {
	name := keyOf(spec.Source, spec)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.opening[name]; s != nil {
		s.refs++
		return s
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &sharedSource{name: name, ready: make(chan struct{}), cancel: cancel, refs: 1}
	p.opening[name] = s
	go p.fill(life, s, spec)
	return s
}

func keyOf(source string, spec channel.Spec) key {
	k := key{source: source}
	if spec.Encode != nil {
		k.encoded, k.how = true, *spec.Encode
	}
	return k
}

// fill opens the source, unless it turns out to be open already.
func (p *Inputs) fill(life context.Context, s *sharedSource, spec channel.Spec) {
	from, err := source.Open(life, spec.Source, p.opts.Source)
	if err == nil {
		s.openSource.source = from
		if !p.known(s, keyOf(from.Identity(), spec)) {
			err = s.openSource.index(life, spec, p.opts)
		}
	}
	if !p.filled(s, err) {
		_ = s.openSource.close() // Nothing was read from it, or the fault is told already.
		s.cancel()
	}
}

// known reports whether the source is open already, and has all who wait for s
// turn to that; otherwise s is the one that others will find.
func (p *Inputs) known(s *sharedSource, identity key) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.open[identity]; other != nil {
		s.same = other
		other.refs += s.refs
		return true
	}
	if s.refs > 0 {
		s.identity = identity
		p.open[identity] = s
	}
	return false
}

// filled has all who wait for s go on, and tells whether it stays open: it does
// not where it is another, has failed, or nobody waits any more.
func (p *Inputs) filled(s *sharedSource, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.err, s.done = err, true
	stays := s.same == nil && err == nil && s.refs > 0
	if !stays {
		p.forget(s)
	}
	if p.opening[s.name] == s {
		delete(p.opening, s.name)
	}
	close(s.ready)
	return stays
}

// forget has nobody find s any more. The mutex is held.
func (p *Inputs) forget(s *sharedSource) {
	if p.opening[s.name] == s {
		delete(p.opening, s.name)
	}
	if p.open[s.identity] == s {
		delete(p.open, s.identity)
	}
}

// leave gives up one hold of s, and closes it with the last.
func (p *Inputs) leave(s *sharedSource) error {
	p.mu.Lock()
	for s.same != nil {
		s = s.same
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
	defer s.cancel() // While it is being opened, this ends it, and fill closes it.
	if !open {
		return nil
	}
	return s.openSource.close()
}
