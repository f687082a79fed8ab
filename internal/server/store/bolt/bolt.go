package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
)

// FileName is the name of the file in the state directory.
const FileName = "lilo.db"

// lockTimeout bounds the wait for the file's lock. It lets a process that is ending
// release it.
const lockTimeout = 2 * time.Second

// Store implements [store.Store].
type Store struct {
	*store.History
	db *bbolt.DB

	mu        sync.Mutex // one commit at a time
	revisions map[store.Key]store.Revision
	digest    digest
	// others is the highest revision that a key missing in revisions may have: that
	// of the file when it was opened, or of the last deletion since.
	others store.Revision
}

// Open opens the store in dir, and creates both if they do not exist. It reads and
// checks the file as a whole, so that nothing in it makes bbolt panic later. Errors
// are of kind State if the file is damaged, or missing beside its copy, and of kind
// Usage otherwise.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Usage, "the state directory cannot be created: %w", err)
	}
	path := filepath.Join(dir, FileName)
	s := &Store{revisions: map[store.Key]store.Revision{}}
	if err := s.verify(path); err != nil {
		return nil, err
	}
	err := guarded(func() (err error) {
		s.db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType})
		return err
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, inUse(path)
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be opened: %w", path, err)
	}
	db := s.db
	err = db.View(func(tx *bbolt.Tx) error {
		s.others = store.Revision(tx.ID())
		return nil
	})
	if err != nil {
		return nil, errors.Join(fault.New(fault.Usage, "%s cannot be read: %w", path, err), db.Close())
	}
	s.History = store.NewHistory(s.others)
	return s, nil
}

// verify checks the file, if it exists, and remembers its digest.
func (s *Store) verify(path string) error {
	info, err := os.Stat(path)
	empty := err != nil || info.Size() == 0
	if empty && (err == nil || errors.Is(err, fs.ErrNotExist)) {
		if hasCopy(path) {
			return fault.New(fault.State, "%s is missing or empty, but there is a copy of the last good state: %s puts it back; without %s the server begins anew", path, command("restore", path), CopyName)
		}
		return nil
	}
	is, r, err := check(path)
	if err != nil {
		return err
	}
	if is.Damage != nil {
		return fault.New(fault.State, "%s is damaged (%w): %s", path, is.Damage, Advice(path))
	}
	s.digest = digest(digestOf(r.records))
	return nil
}

// guarded calls f, which uses bbolt, and returns a panic of that as an error.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // The file is mapped, and may lose its end.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the file is damaged (%v)", p)
		}
	}()
	return f()
}

// Close implements [store.Store].
func (s *Store) Close() error { return s.db.Close() }

// Load implements [store.Store].
func (s *Store) Load(context.Context) (all []store.Write, r store.Revision, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		r = store.Revision(tx.ID())
		return tx.ForEach(func(kind []byte, b *bbolt.Bucket) error {
			if string(kind) == digestBucket {
				return nil
			}
			return b.ForEach(func(id, value []byte) error {
				all = append(all, store.Write{Key: store.Key{Kind: string(kind), ID: string(id)}, Value: bytes.Clone(value)})
				return nil
			})
		})
	})
	return all, r, err
}

// Commit implements [store.Store].
func (s *Store) Commit(ctx context.Context, t store.Txn) (store.Revision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if slices.ContainsFunc(t.Guards, s.changed) {
		return 0, store.ErrConflict
	}
	var r store.Revision
	sum := s.digest
	err := guarded(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			r = store.Revision(tx.ID())
			return write(tx, t.Writes, &sum)
		})
	})
	if err != nil {
		return 0, err
	}
	s.digest = sum
	for _, w := range t.Writes {
		if w.Value == nil {
			delete(s.revisions, w.Key)
			s.others = r
			continue
		}
		s.revisions[w.Key] = r
	}
	s.Add(store.Change{Revision: r, Writes: t.Writes})
	return r, nil
}

// changed reports whether a guard may not hold.
func (s *Store) changed(g store.Guard) bool {
	if g.ID != "" {
		r, known := s.revisions[g.Key]
		return r > g.After || !known && s.others > g.After
	}
	for key, r := range s.revisions {
		if key.Kind == g.Kind && r > g.After {
			return true
		}
	}
	return s.others > g.After
}

// write makes all writes, and updates the digest.
func write(tx *bbolt.Tx, all []store.Write, sum *digest) error {
	for _, w := range all {
		b, err := tx.CreateBucketIfNotExists([]byte(w.Kind))
		if err != nil {
			return err
		}
		if before := b.Get([]byte(w.ID)); before != nil {
			sum.toggle(w.Kind, w.ID, before)
		}
		if w.Value == nil {
			err = b.Delete([]byte(w.ID))
		} else {
			sum.toggle(w.Kind, w.ID, w.Value)
			err = b.Put([]byte(w.ID), w.Value)
		}
		if err != nil {
			return err
		}
	}
	b, err := tx.CreateBucketIfNotExists([]byte(digestBucket))
	if err != nil {
		return err
	}
	return b.Put([]byte(digestKey), sum[:])
}
