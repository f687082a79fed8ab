package store_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// failing fails after some commits.
type failing struct {
	store.Store
	left int
}

func (f *failing) Commit(ctx context.Context, t store.Txn) (store.Revision, error) {
	if f.left--; f.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return f.Store.Commit(ctx, t)
}

// TestCopy copies more than fits in a transaction, fails in between, and does it again.
func TestCopy(t *testing.T) {
	testCopy(t, func(dir string) (store.Store, error) { return bolt.Open(dir) })
}

func testCopy(t *testing.T, open opener) {
	file := func(dir string) (store.Store, error) { return bolt.Open(dir) }
	from, to, back := mustOpen(t, file, t.TempDir()), mustOpen(t, open, t.TempDir()), mustOpen(t, file, t.TempDir())
	defer shut(t, from)
	defer shut(t, to)
	defer shut(t, back)
	want := map[string]string{}
	for i := range 3*store.MaxWrites/2 + 7 {
		id := strconv.Itoa(i)
		commit(t, from, put(id, "v"+id))
		want["things/"+id] = "v" + id
	}
	for left := range 3 {
		if _, err := store.Copy(t.Context(), from, &failing{to, left}); err == nil {
			t.Fatal("a copy that fails says nothing")
		}
		records, _, err := to.Load(t.Context())
		if err != nil || left > 0 && !store.Unfinished(records) {
			t.Fatalf("after %d commits, the half copy is not marked (%v)", left, err)
		}
		if _, err := store.Copy(t.Context(), to, back); err == nil && left > 0 {
			t.Error("half a copy was copied")
		}
	}
	all, err := store.Copy(t.Context(), from, to)
	if err != nil || len(all) != len(want) {
		t.Fatalf("Copy returned %d records, %v", len(all), err)
	}
	expect(t, to, want)
	if _, err := store.Copy(t.Context(), from, to); !errors.Is(err, store.ErrOccupied) {
		t.Errorf("over other records, Copy returned %v", err)
	}
	if _, err := store.Copy(t.Context(), to, back); err != nil {
		t.Fatal(err)
	}
	expect(t, back, want)
}
