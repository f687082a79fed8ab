package supervisor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store"
)

const (
	// startKind is the kind of the records of channels that are being started.
	startKind = "starts"
	// maxDeaths is how often a process may end while a channel starts before the channel
	// is held off.
	maxDeaths = 2
	// forgetAfter is how long removals of such records wait for others.
	forgetAfter = 250 * time.Millisecond
	// gather is how long a write waits for others.
	gather = 5 * time.Millisecond
	// startWait is how long a suspect waits for others that start.
	startWait = 30 * time.Second
)

// start is the record of a channel that is being started. A process that finds one
// was preceded by a process that ended meanwhile.
type start struct {
	// Deaths is how many processes had ended before while the channel started.
	Deaths int `json:"deaths,omitempty"`
	// Held says that the channel is not started any more, Clean that the process ended
	// as it was asked to.
	Held  bool `json:"held,omitempty"`
	Clean bool `json:"clean,omitempty"`
}

// starts keeps in the store which channels are being started, so that a channel that
// ends the process does not do so for ever. Those that start at the same time share a
// transaction. A channel in state STARTING needs no record: the state says it.
type starts struct {
	store store.Store // nil keeps nothing
	log   *slog.Logger
	news  chan struct{} // filled when there are pending writes
	alone chan struct{} // filled while a suspect starts

	mu      sync.Mutex
	deaths  map[string]int // of channels that were being started when processes ended
	marked  map[string]bool
	pending map[string][]byte // writes to come; nil removes
	durable chan struct{}     // closed when they have been made
	boot    sync.WaitGroup    // channels without deaths that start with the process
	booting map[string]bool
}

// newStarts reads what the processes before left.
func newStarts(ctx context.Context, s store.Store, records *record.Cache, log *slog.Logger) *starts {
	n := &starts{
		store: s, log: log, news: make(chan struct{}, 1), alone: make(chan struct{}, 1), deaths: map[string]int{},
		marked: map[string]bool{}, pending: map[string][]byte{}, durable: make(chan struct{}), booting: map[string]bool{},
	}
	if s == nil {
		return n
	}
	left := map[string]start{}
	all, _, err := s.Load(ctx)
	if err != nil {
		log.Error("what the last process left cannot be read", "error", err)
	}
	for _, w := range all {
		var one start
		if w.Kind == startKind && json.Unmarshal(w.Value, &one) == nil {
			left[w.ID] = one
		}
	}
	for _, r := range records.Channels.List() {
		if !r.OnAir() {
			continue
		}
		id := *r.Doc.Id
		one, marked := left[id]
		switch {
		case marked && one.Held:
			n.deaths[id] = one.Deaths
		case marked && !one.Clean || !marked && r.State() == types.ChannelStateStarting:
			n.deaths[id] = one.Deaths + 1
			log.Warn("the last process ended while a channel was starting", "channel", id, "times", n.deaths[id])
		default:
			n.booting[id] = true
			n.boot.Add(1)
		}
	}
	for id := range left {
		if n.deaths[id] == 0 {
			n.write(id, nil)
			signal(n.news)
		}
	}
	return n
}

// held reports whether a channel is not started any more, and why.
func (s *starts) held(id string) (why string, held bool) {
	s.mu.Lock()
	n := s.deaths[id]
	s.mu.Unlock()
	if n < maxDeaths {
		return "", false
	}
	return fmt.Sprintf("held off: the server ended %d times while this channel was starting; repair or replace its source, then stop the channel and start it again", n), true
}

// hold records that a channel is held off.
func (s *starts) hold(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(id, start{Deaths: s.deaths[id], Held: true})
	signal(s.news)
}

// begin is called before a channel starts. A channel that was starting when a process
// ended starts last and alone. The caller calls end once it has been tried.
func (s *starts) begin(ctx context.Context, id string, state types.ChannelState) (end func()) {
	if s.store == nil {
		return func() {}
	}
	s.mu.Lock()
	deaths := s.deaths[id]
	s.mu.Unlock()
	release := func() {}
	if deaths > 0 {
		release = s.enterAlone(ctx)
	}
	if deaths > 0 || state != types.ChannelStateStarting {
		s.mu.Lock()
		s.marked[id] = true
		s.put(id, start{Deaths: deaths})
		durable := s.durable
		s.mu.Unlock()
		signal(s.news)
		select {
		case <-durable:
		case <-ctx.Done():
		}
	}
	return func() {
		release()
		s.settle(id)
		s.forget(id)
	}
}

// enterAlone waits until the channels that start with the process have been tried, and no
// other suspect starts.
func (s *starts) enterAlone(ctx context.Context) (release func()) {
	settled := make(chan struct{})
	go func() { s.boot.Wait(); close(settled) }()
	late := time.After(startWait)
	select {
	case <-settled:
	case <-late:
		return func() {}
	case <-ctx.Done():
		return func() {}
	}
	select {
	case s.alone <- struct{}{}:
	case <-late:
		return func() {}
	case <-ctx.Done():
		return func() {}
	}
	free := sync.OnceFunc(func() { <-s.alone })
	timer := time.AfterFunc(startWait, free)
	return func() {
		timer.Stop()
		free()
	}
}

// settle tells that a channel that starts with the process has been tried, or will not be.
func (s *starts) settle(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.booting[id] {
		delete(s.booting, id)
		s.boot.Done()
	}
}

// forget forgets that a channel was being started.
func (s *starts) forget(id string) {
	s.mu.Lock()
	known := s.marked[id] || s.deaths[id] > 0
	delete(s.deaths, id)
	delete(s.marked, id)
	if known {
		s.write(id, nil)
	}
	s.mu.Unlock()
	if known {
		time.AfterFunc(forgetAfter, func() { signal(s.news) })
	}
}

func (s *starts) put(id string, one start) {
	value, err := json.Marshal(one)
	if err == nil { // It cannot fail.
		s.write(id, value)
	}
}

// write makes a write pending. The caller holds mu.
func (s *starts) write(id string, value []byte) { s.pending[id] = value }

// run makes the writes, those that come together in one transaction, until ctx is done.
func (s *starts) run(ctx context.Context) {
	for s.store != nil {
		select {
		case <-s.news:
			if sleep.For(ctx, gather) {
				s.flush(ctx)
			}
		case <-ctx.Done():
			return
		}
	}
}

// flush makes the pending writes.
func (s *starts) flush(ctx context.Context) {
	s.mu.Lock()
	var all []store.Write
	for id, value := range s.pending {
		all = append(all, store.Write{Key: store.Key{Kind: startKind, ID: id}, Value: value})
	}
	clear(s.pending)
	durable := s.durable
	s.durable = make(chan struct{})
	s.mu.Unlock()
	for part := range slices.Chunk(all, store.MaxWrites) {
		if _, err := s.store.Commit(ctx, store.Txn{Writes: part}); err != nil && ctx.Err() == nil {
			s.log.Warn("which channels are being started could not be written", "error", err)
		}
	}
	close(durable)
}

// close tells the next process that this one ends as it was asked to. starting are the
// channels whose state is STARTING.
func (s *starts) close(ctx context.Context, starting []string) {
	if s.store == nil {
		return
	}
	s.mu.Lock()
	for id := range maps.Clone(s.marked) {
		s.write(id, nil)
	}
	for id, n := range s.deaths {
		if n >= maxDeaths {
			s.put(id, start{Deaths: n, Held: true})
		}
	}
	for _, id := range starting {
		if s.deaths[id] < maxDeaths {
			s.put(id, start{Clean: true})
		}
	}
	s.mu.Unlock()
	s.flush(ctx)
}
