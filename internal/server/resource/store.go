package resource

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/lilo-live/lilo/internal/fault"
)

// fileName is the name of the store below the state directory.
const fileName = "lilo.db"

// patience is how long the lock of the store may take: a process that was
// killed has released it, one that lives keeps it.
const patience = 2 * time.Second

// codec is a record that can be kept.
type codec interface {
	encode() ([]byte, error)
	decode(data []byte) error
}

// openStore opens the store below dir, and makes both where they are missing.
func openStore(dir string) (*bbolt.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Usage, "the state directory cannot be made: %w", err)
	}
	path := filepath.Join(dir, fileName)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: patience, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fault.New(fault.Usage, "%s is in use by another lilo serve: stop that, or give another --state", path)
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%s cannot be opened: %w", path, err)
	}
	return db, nil
}

// load reads all records of a bucket, which it makes where it is missing.
func load[R any, P interface {
	*R
	codec
}](tx *bbolt.Tx, bucket string, into map[string]P) error {
	b, err := tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	return b.ForEach(func(key, data []byte) error {
		record := P(new(R))
		if err := record.decode(data); err != nil {
			return fault.New(fault.Usage, "the state of %s %s cannot be read: %w", bucket, key, err)
		}
		into[string(key)] = record
		return nil
	})
}

// edits are the changed records of one bucket; nil is one that is removed.
type edits[P codec] struct {
	kept    map[string]P
	changed map[string]P
}

func edit[P codec](kept map[string]P) edits[P] { return edits[P]{kept, map[string]P{}} }

// get returns a record as the change has it; there may be none.
func (e edits[P]) get(id string) (P, bool) {
	if r, ok := e.changed[id]; ok {
		return r, true
	}
	r, ok := e.kept[id]
	return r, ok
}

func (e edits[P]) set(id string, record P) { e.changed[id] = record }

// write puts the changed records into the transaction.
func (e edits[P]) write(tx *bbolt.Tx, bucket string) error {
	b := tx.Bucket([]byte(bucket))
	for id, record := range e.changed {
		data, err := record.encode()
		if err != nil {
			return err
		}
		if err := b.Put([]byte(id), data); err != nil {
			return err
		}
	}
	return nil
}

// apply makes the change seen.
func (e edits[P]) apply() {
	maps.Copy(e.kept, e.changed)
}
