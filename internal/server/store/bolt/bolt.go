package bolt

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
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
	// others is the highest revision that a key missing in revisions may have: that
	// of the file when it was opened, or of the last deletion since.
	others store.Revision
}

// Open opens the store in dir, and creates both if they do not exist. Errors are
// of kind Usage.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Usage, "the state directory cannot be created: %w", err)
	}
	path := filepath.Join(dir, FileName)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fault.New(fault.Usage, "%s is in use by another lilo serve: stop that one, or give another --state", path)
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be opened: %w", path, err)
	}
	s := &Store{db: db, revisions: map[store.Key]store.Revision{}}
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

// Close implements [store.Store].
func (s *Store) Close() error { return s.db.Close() }

// Load implements [store.Store].
func (s *Store) Load(context.Context) (all []store.Write, r store.Revision, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		r = store.Revision(tx.ID())
		return tx.ForEach(func(kind []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(id, value []byte) error {
				all = append(all, store.Write{Key: store.Key{Kind: string(kind), ID: string(id)}, Value: bytes.Clone(value)})
				return nil
			})
		})
	})
	return all, r, err
}

// Commit implements [store.Store]. After any error, nothing has changed.
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
	err := s.db.Update(func(tx *bbolt.Tx) error {
		r = store.Revision(tx.ID())
		return write(tx, t.Writes)
	})
	if err != nil {
		return 0, err
	}
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

func write(tx *bbolt.Tx, all []store.Write) error {
	for _, w := range all {
		b, err := tx.CreateBucketIfNotExists([]byte(w.Kind))
		if err != nil {
			return err
		}
		if w.Value == nil {
			err = b.Delete([]byte(w.ID))
		} else {
			err = b.Put([]byte(w.ID), w.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
