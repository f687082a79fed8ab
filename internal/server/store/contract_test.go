package store_test

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// opener opens the store that belongs to a directory. After Close, the same
// directory opens the same store again.
type opener func(dir string) (store.Store, error)

// TestContract tests every implementation of store.Store.
func TestContract(t *testing.T) {
	for name, open := range map[string]opener{
		"bolt": func(dir string) (store.Store, error) { return bolt.Open(dir) },
	} {
		t.Run(name, func(t *testing.T) { testContract(t, open) })
	}
}

func testContract(t *testing.T, open opener) {
	for name, run := range map[string]func(*testing.T, store.Store){
		"a commit is whole": commitsWhole, "a guard that does not hold writes nothing": guards,
		"a watch returns every change in order": watches, "a watch waits": watchWaits,
		"old changes are known or compacted": compacts, "no increment is lost": increments,
		"many writes are one transaction": manyWrites,
	} {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, open, t.TempDir())
			defer shut(t, s)
			run(t, s)
		})
	}
	t.Run("commits survive Close", func(t *testing.T) { persists(t, open) })
}

func mustOpen(t *testing.T, open opener, dir string) store.Store {
	t.Helper()
	s, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shut(t *testing.T, s store.Store) {
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func key(id string) store.Key { return store.Key{Kind: "things", ID: id} }

func put(id, value string) store.Write { return store.Write{Key: key(id), Value: []byte(value)} }

func commit(t *testing.T, s store.Store, writes ...store.Write) store.Revision {
	t.Helper()
	return commitIf(t, s, nil, writes...)
}

// commitIf commits with guards that hold.
func commitIf(t *testing.T, s store.Store, guards []store.Guard, writes ...store.Write) store.Revision {
	t.Helper()
	r, err := s.Commit(t.Context(), store.Txn{Guards: guards, Writes: writes})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// conflict commits with a guard that does not hold.
func conflict(t *testing.T, s store.Store, name string, guards ...store.Guard) {
	t.Helper()
	if _, err := s.Commit(t.Context(), store.Txn{Guards: guards, Writes: []store.Write{put("a", "no"), put("no", "no")}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("%s: Commit returned %v, want ErrConflict", name, err)
	}
}

// expect compares all records, by kind/id, and returns their revision.
func expect(t *testing.T, s store.Store, want map[string]string) store.Revision {
	t.Helper()
	records, r, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, one := range records {
		got[one.Kind+"/"+one.ID] = string(one.Value)
	}
	if !maps.Equal(got, want) {
		t.Fatalf("the records are %v, want %v", got, want)
	}
	return r
}

func commitsWhole(t *testing.T, s store.Store) {
	before := expect(t, s, map[string]string{})
	other := store.Write{Key: store.Key{Kind: "others", ID: "a"}, Value: []byte("x")}
	first := commit(t, s, put("a", "1"), put("b", "2"), other)
	second := commit(t, s, put("a", "3"), store.Write{Key: key("b")}, store.Write{Key: key("never")})
	if first <= before || second <= first {
		t.Errorf("the revisions are %d, %d, %d: they must rise", before, first, second)
	}
	if r := expect(t, s, map[string]string{"things/a": "3", "others/a": "x"}); r != second {
		t.Errorf("Load returned revision %d, want %d", r, second)
	}
	if r, err := s.Latest(t.Context()); err != nil || r != second {
		t.Errorf("Latest returned %d, %v, want %d", r, err, second)
	}
}

func manyWrites(t *testing.T, s store.Store) {
	want := map[string]string{}
	after := expect(t, s, want)
	var x store.Txn
	for i := range store.MaxWrites {
		id := "a/b c" + strconv.Itoa(i)
		x.Writes = append(x.Writes, put(id, id))
		x.Guards = append(x.Guards, store.Guard{Key: key(id), After: after})
		want["things/"+id] = id
	}
	r, err := s.Commit(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, s, want)
	if changes := gather(t, s, r-1, 1); len(changes) != 1 || len(changes[0].Writes) != store.MaxWrites {
		t.Errorf("Watch returned %d changes", len(changes))
	}
	if _, err := s.Commit(t.Context(), x); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same once more: %v", err)
	}
}

func guards(t *testing.T, s store.Store) {
	guard := func(id string, after store.Revision) store.Guard { return store.Guard{Key: key(id), After: after} }
	first := commit(t, s, put("a", "1"), put("b", "1"))
	second := commitIf(t, s, []store.Guard{guard("a", first)}, put("a", "2"))
	conflict(t, s, "a record that changed", guard("b", second), guard("a", first))
	conflict(t, s, "a record that was created", guard("a", 0))
	conflict(t, s, "a kind of which a record changed", guard("", first))
	commit(t, s, store.Write{Key: store.Key{Kind: "others", ID: "a"}, Value: []byte("1")})
	third := commitIf(t, s, []store.Guard{guard("", second), guard("new", second)}, put("new", "1"))
	conflict(t, s, "a kind of which a record was created", guard("", second))
	fourth := commit(t, s, store.Write{Key: key("b")})
	conflict(t, s, "a record that was deleted", guard("b", third))
	commitIf(t, s, []store.Guard{guard("b", fourth), guard("", fourth)}, put("c", "1"))
	expect(t, s, map[string]string{"things/a": "2", "things/new": "1", "things/c": "1", "others/a": "1"})
}

func watches(t *testing.T, s store.Store) {
	after := expect(t, s, map[string]string{})
	first := commit(t, s, put("a", "1"), put("b", "1"))
	second := commit(t, s, store.Write{Key: key("a")})
	changes := gather(t, s, after, 2)
	if changes[0].Revision != first || len(changes[0].Writes) != 2 || changes[1].Revision != second {
		t.Errorf("Watch returned %+v", changes)
	}
	if w := changes[1].Writes; len(w) != 1 || w[0].Key != key("a") || w[0].Value != nil {
		t.Errorf("a deletion is watched as %+v", w)
	}
	if rest := gather(t, s, first, 1); rest[0].Revision != second {
		t.Errorf("after revision %d, Watch returned %+v", first, rest)
	}
}

// gather returns the next n changes after a revision.
func gather(t *testing.T, s store.Store, after store.Revision, n int) (all []store.Change) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for len(all) < n {
		more, err := s.Watch(ctx, after)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		after = all[len(all)-1].Revision
	}
	return all
}

func watchWaits(t *testing.T, s store.Store) {
	after := expect(t, s, map[string]string{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Watch(ctx, after); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("without a change, Watch returned %v", err)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if c := gather(t, s, after, 1); string(c[0].Writes[0].Value) != "1" {
				t.Errorf("Watch returned %+v", c)
			}
		})
	}
	time.Sleep(time.Millisecond)
	commit(t, s, put("a", "1"))
	all.Wait()
}

func compacts(t *testing.T, s store.Store) {
	const n = 300
	start := expect(t, s, map[string]string{})
	for i := range n {
		commit(t, s, put("a", strconv.Itoa(i)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	changes, err := s.Watch(ctx, start)
	if !errors.Is(err, store.ErrCompacted) && (err != nil || string(changes[0].Writes[0].Value) != "0") {
		t.Errorf("Watch returned %v, %v", changes, err)
	}
}

func increments(t *testing.T, s store.Store) {
	const clients, each = 4, 10
	commit(t, s, put("n", "0"))
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range each {
				if err := increment(t.Context(), s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	expect(t, s, map[string]string{"things/n": strconv.Itoa(clients * each)})
}

// increment adds one to the only record, again for as long as others come between.
func increment(ctx context.Context, s store.Store) error {
	for {
		records, r, err := s.Load(ctx)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(records[0].Value))
		if err != nil {
			return err
		}
		_, err = s.Commit(ctx, store.Txn{Guards: []store.Guard{{Key: key("n"), After: r}}, Writes: []store.Write{put("n", strconv.Itoa(n+1))}})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func persists(t *testing.T, open opener) {
	dir := t.TempDir()
	want := map[string]string{}
	var last store.Revision
	for i := range 5 {
		s := mustOpen(t, open, dir)
		if r := expect(t, s, want); r < last {
			t.Errorf("the revision fell from %d to %d", last, r)
		}
		id := strconv.Itoa(i)
		last = commit(t, s, put(id, id), put("a", id))
		want["things/"+id], want["things/a"] = id, id
		conflict(t, s, "a record that changed", store.Guard{Key: key("a"), After: last - 1})
		shut(t, s)
	}
}
