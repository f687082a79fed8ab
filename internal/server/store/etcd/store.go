package etcd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store"
)

const (
	// writerLife is how long the key of a writer outlives its last use.
	writerLife = 24 * time.Hour
	// probeEvery is how often it is checked that no change is missing: a stream from a member
	// that is cut off just stays silent.
	probeEvery = 2 * time.Second
	// maxGuards is how many keys of a kind a transaction compares one by one.
	maxGuards = 32
)

// Store implements [store.Store]. Its Watch has the changes of all servers.
type Store struct {
	*store.History
	client *Client
	log    *slog.Logger
	prefix string
	stop   context.CancelFunc
	done   chan struct{} // closed when nothing follows the changes any more

	mu     sync.Mutex // one commit at a time
	writer writer
}

// writer is the key that tells whether a transaction was made.
type writer struct {
	key     string
	lease   LeaseID  // 0 before the first transaction
	changed Revision // 0 if it does not exist
}

// Open opens the store at a location. What it finds wrong is of kind Usage.
func Open(ctx context.Context, at *Location, log *slog.Logger) (*Store, error) {
	s := &Store{client: New(at), log: log, prefix: at.Prefix, done: make(chan struct{})}
	s.writer.key = s.prefix + "writers/" + rand.Text()
	last, now, err := s.last(ctx)
	if err != nil {
		s.client.Close()
		return nil, fault.Of(fault.Usage, err)
	}
	s.History = store.NewHistory(store.Revision(last))
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(s.done)
		s.follow(ctx, now)
	}()
	return s, nil
}

// Client returns the client that the store uses.
func (s *Store) Client() *Client { return s.client }

// Close implements [store.Store].
func (s *Store) Close() error {
	s.stop()
	<-s.done
	if s.writer.lease != 0 {
		ctx, cancel := context.WithTimeout(context.Background(), Attempt)
		defer cancel()
		_ = s.client.Revoke(ctx, s.writer.lease) // Otherwise it ends by itself.
	}
	s.client.Close()
	return nil
}

// records is what the keys of all records begin with, newest the key that is set with them.
func (s *Store) records() string { return s.newest() + "/" }
func (s *Store) newest() string  { return s.prefix + "records" }

// keyOf returns the key of a record, or what the keys of a kind begin with.
func (s *Store) keyOf(k store.Key) string { return s.records() + k.Kind + "/" + k.ID }

// recordOf returns the record of a key.
func (s *Store) recordOf(key []byte) store.Key {
	kind, id, _ := strings.Cut(strings.TrimPrefix(string(key), s.records()), "/")
	return store.Key{Kind: kind, ID: id}
}

// last returns the revision of the last transaction, and etcd's own now.
func (s *Store) last(ctx context.Context) (last, now Revision, err error) {
	all, now, err := s.client.Range(ctx, One(s.newest()))
	if len(all) > 0 {
		last = all[0].Changed
	}
	return last, now, err
}

// Latest implements [store.Store].
func (s *Store) Latest(ctx context.Context) (store.Revision, error) {
	last, _, err := s.last(ctx)
	return store.Revision(last), err
}

// Load implements [store.Store].
func (s *Store) Load(ctx context.Context) (records []store.Write, r store.Revision, err error) {
	all, _, err := s.client.Range(ctx, Span{[]byte(s.newest()), Below(s.records()).End})
	for _, one := range all {
		if string(one.Key) == s.newest() {
			r = store.Revision(one.Changed)
			continue
		}
		records = append(records, store.Write{Key: s.recordOf(one.Key), Value: present(one.Value)})
	}
	return records, r, err
}

// present returns a value that is not nil.
func present(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

// Commit implements [store.Store].
func (s *Store) Commit(ctx context.Context, t store.Txn) (store.Revision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(t.Writes) > store.MaxWrites {
		return 0, fmt.Errorf("a transaction has %d writes, where %d are the most", len(t.Writes), store.MaxWrites)
	}
	name := rand.Text()
	for {
		if err := s.beginWriter(ctx); err != nil {
			return 0, err
		}
		out, err := s.client.Commit(ctx, s.txn(t, name))
		switch {
		case errors.Is(err, errUnknown):
			return 0, fmt.Errorf("%w: %w", store.ErrUnknown, err)
		case isNotFound(err), err == nil && !out.Done && out.Else == nil && s.writer.changed != 0:
			s.writer.lease, s.writer.changed = 0, 0 // Its lease has ended.
		case err != nil:
			return 0, err
		case out.Done:
			s.writer.changed = out.Revision
			return store.Revision(out.Revision), nil
		case out.Else == nil, out.Else.Changed == s.writer.changed:
			return 0, store.ErrConflict
		case string(out.Else.Value) == name: // An answer was lost.
			s.writer.changed = out.Else.Changed
			return store.Revision(out.Else.Changed), nil
		default: // An earlier transaction was made after all.
			s.writer.changed = out.Else.Changed
		}
	}
}

// beginWriter gets a lease for the writer's key, if it has none.
func (s *Store) beginWriter(ctx context.Context) (err error) {
	if s.writer.lease == 0 {
		s.writer.lease, _, err = s.client.Grant(ctx, writerLife)
	}
	return err
}

// txn returns the transaction of that name for etcd.
func (s *Store) txn(t store.Txn, name string) Txn {
	x := Txn{
		If: append(s.conditions(t.Guards), ChangedAt(s.writer.key, s.writer.changed)),
		Put: []Put{
			{Key: []byte(s.newest()), Value: []byte(name)},
			{Key: []byte(s.writer.key), Value: []byte(name), Lease: s.writer.lease},
		},
		Else: s.writer.key,
	}
	var deleted []string
	for _, w := range t.Writes {
		if w.Value != nil {
			x.Put = append(x.Put, Put{Key: []byte(s.keyOf(w.Key)), Value: w.Value})
			continue
		}
		x.Delete = append(x.Delete, One(s.keyOf(w.Key)))
		if !slices.Contains(deleted, w.Kind) {
			deleted = append(deleted, w.Kind)
			x.Put = append(x.Put, Put{Key: []byte(s.prefix + "deleted/" + w.Kind), Value: []byte(name)})
		}
	}
	return x
}

// conditions returns those of guards. Many of a kind become one of the whole kind.
func (s *Store) conditions(all []store.Guard) (conditions []Condition) {
	byKind := map[string][]store.Guard{}
	for _, g := range all {
		byKind[g.Kind] = append(byKind[g.Kind], g)
	}
	for kind, guards := range byKind {
		oldest := slices.MinFunc(guards, func(a, b store.Guard) int { return int(a.After - b.After) }).After
		conditions = append(conditions, UnchangedSince(One(s.prefix+"deleted/"+kind), Revision(oldest)))
		if len(guards) > maxGuards || slices.ContainsFunc(guards, func(g store.Guard) bool { return g.ID == "" }) {
			conditions = append(conditions, UnchangedSince(Below(s.keyOf(store.Key{Kind: kind})), Revision(oldest)))
			continue
		}
		for _, g := range guards {
			conditions = append(conditions, UnchangedSince(One(s.keyOf(g.Key)), Revision(g.After)))
		}
	}
	return conditions
}

// follow adds all changes after a revision to the history, until ctx is done.
func (s *Store) follow(ctx context.Context, after Revision) {
	f := follower{Store: s, after: after}
	for told := false; ctx.Err() == nil; {
		err := f.watch(ctx)
		if errors.Is(err, ErrCompacted) {
			err = f.restart(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			told = false
		case !told:
			told = true
			s.log.Warn("the changes in etcd cannot be followed; trying again", "etcd", s.client.Location().String(), "error", err)
		}
		if err != nil {
			sleep.For(ctx, pause)
		}
	}
}

// follower follows the changes of the records.
type follower struct {
	*Store
	mu    sync.Mutex
	after Revision // up to which all changes are in the history
}

// watch adds changes to the history until the stream ends. An error is nil if it had begun.
func (f *follower) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	probed := make(chan struct{})
	go func() {
		defer close(probed)
		f.probe(ctx, cancel)
	}()
	some := false
	err := f.client.Watch(ctx, Below(f.records()), f.reached(), func(all []Event) {
		some = true
		f.add(all)
	})
	cancel()
	<-probed
	if some && !errors.Is(err, ErrCompacted) {
		return nil
	}
	return err
}

func (f *follower) reached() Revision {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.after
}

// add adds what one or more transactions changed to the history.
func (f *follower) add(all []Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(all) > 0 {
		r := all[0].Key.Changed
		n := slices.IndexFunc(all, func(e Event) bool { return e.Key.Changed != r })
		if n < 0 {
			n = len(all)
		}
		if r > f.after {
			f.Add(store.Change{Revision: store.Revision(r), Writes: f.writes(all[:n])})
			f.after = r
		}
		all = all[n:]
	}
}

func (f *follower) writes(all []Event) (writes []store.Write) {
	for _, e := range all {
		w := store.Write{Key: f.recordOf(e.Key.Key)}
		if !e.Deleted() {
			w.Value = present(e.Key.Value)
		}
		writes = append(writes, w)
	}
	return writes
}

// probe calls lost, and has another member followed, once a change is missing for long. As
// long as none is, it moves on past what other keys change, so that the next watch begins
// where etcd still has all changes.
func (f *follower) probe(ctx context.Context, lost func()) {
	for missing := Revision(0); sleep.For(ctx, probeEvery); {
		last, now, err := f.last(ctx)
		if err != nil {
			continue // Whoever changes something learns of it.
		}
		reached := f.reached()
		switch {
		case last <= reached:
			f.mu.Lock()
			if f.after == reached {
				f.after = now
			}
			f.mu.Unlock()
			missing = 0
		case missing > reached:
			f.client.Avoid()
			lost()
			return
		default:
			missing = last
		}
	}
}

// restart begins the history anew where changes were missed, and goes on behind what is no
// longer kept.
func (f *follower) restart(ctx context.Context) error {
	last, now, err := f.last(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if last > f.after {
		f.Reset(store.Revision(last))
	}
	f.after = now
	return nil
}
