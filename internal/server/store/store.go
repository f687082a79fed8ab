package store

import (
	"context"
	"errors"
)

// Revision numbers the states of a store. It rises, by one or more, with each
// committed transaction.
type Revision int64

// Key names a record. In a [Guard], an empty ID stands for every record of the kind.
type Key struct{ Kind, ID string }

// Write sets a record. A nil Value deletes it.
type Write struct {
	Key
	Value []byte
}

// Guard is a condition of a transaction: Key has not changed after a revision.
type Guard struct {
	Key
	After Revision
}

// Txn is a transaction. All its writes are made if every guard holds, otherwise
// none. It writes a key at most once, and has at most MaxWrites writes.
type Txn struct {
	Guards []Guard
	Writes []Write
}

// Change is what one transaction wrote.
type Change struct {
	Revision Revision
	Writes   []Write
}

// Errors that callers handle.
var (
	// ErrConflict reports that a guard did not hold. Nothing was written.
	ErrConflict = errors.New("the record has changed meanwhile")
	// ErrCompacted reports that the changes after a revision are no longer kept: the
	// caller must load everything again.
	ErrCompacted = errors.New("the changes since that revision are no longer kept")
	// ErrUnknown reports that nobody knows whether a transaction was applied. If it was, or
	// still is, Watch returns it.
	ErrUnknown = errors.New("it is not known whether the change was made")
)

// MaxWrites is how many writes a transaction may have.
const MaxWrites = 100

// Store keeps records. Any goroutine may call its methods. Callers do not change
// the bytes that they pass or receive.
type Store interface {
	// Load returns all records, in no particular order, and their revision.
	Load(ctx context.Context) ([]Write, Revision, error)
	// Commit applies a transaction and returns its revision once it is durable. After
	// an error, nothing has changed, unless the error is ErrUnknown.
	Commit(ctx context.Context, t Txn) (Revision, error)
	// Watch returns the changes after a revision, in order. It waits until there is
	// one, or returns the error of ctx.
	Watch(ctx context.Context, after Revision) ([]Change, error)
	// Latest returns the revision of the last transaction. It sees every one that was
	// answered before the call, whoever made it.
	Latest(ctx context.Context) (Revision, error)
	// Close releases the store. No other method may run during or after it.
	Close() error
}
