package record

import (
	"iter"
	"maps"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store"
)

// tombstoneLife is how long a deleted resource can still be described.
const tombstoneLife = 24 * time.Hour

// Table holds the records of one kind. Callers do not change what it returns.
type Table[T any, P kept[T]] struct {
	kind    string
	now     func() time.Time
	mu      *sync.RWMutex
	records map[string]P
	highest int64 // sequence number
}

// Get returns the record of an id, nil if there is none. A deleted resource has one
// for a day.
func (t *Table[T, P]) Get(id string) P {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if r := t.records[id]; r != nil && !t.expired(r) {
		return r
	}
	return nil
}

// Find returns the record of an id, nil if there is none or the resource was deleted.
func (t *Table[T, P]) Find(id string) P {
	if r := t.Get(id); r != nil && !r.Deleted() {
		return r
	}
	return nil
}

// List returns the records that are not deleted, in the order of their creation.
func (t *Table[T, P]) List() []P {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return inOrder[T](t.records)
}

func (t *Table[T, P]) expired(r P) bool {
	return r.Deleted() && t.now().Sub(r.origin().Since) > tombstoneLife
}

// set replaces a record by what the store has, or removes it. The caller holds mu.
func (t *Table[T, P]) set(id string, value []byte) error {
	if value == nil {
		delete(t.records, id)
		return nil
	}
	r := P(new(T))
	if err := r.decode(value); err != nil {
		return fault.New(fault.State, "the record of %s %s cannot be read: %w: start the version of LILO that wrote it, or put back the last good copy (lilo serve store restore, with the same --state)", t.kind, id, err)
	}
	t.put(id, r)
	return nil
}

func (t *Table[T, P]) put(id string, r P) {
	t.records[id], t.highest = r, max(t.highest, r.origin().Sequence)
}

func (t *Table[T, P]) clear() { clear(t.records) }

// Edits is a table with the changes of a transaction.
type Edits[T any, P kept[T]] struct {
	table   *Table[T, P]
	changed map[string]P // nil if removed
	read    map[string]bool
	readAll bool
}

func (t *Table[T, P]) edit() *Edits[T, P] {
	return &Edits[T, P]{table: t, changed: map[string]P{}, read: map[string]bool{}}
}

// Get returns the record of an id, nil if there is none.
func (e *Edits[T, P]) Get(id string) P {
	if r, ok := e.changed[id]; ok {
		return r
	}
	e.read[id] = true
	return e.table.records[id]
}

// Find returns the record of an id, nil if there is none or the resource was deleted.
func (e *Edits[T, P]) Find(id string) P {
	if r := e.Get(id); r != nil && !r.Deleted() {
		return r
	}
	return nil
}

// All returns all records by id, including those of deleted resources.
func (e *Edits[T, P]) All() iter.Seq2[string, P] {
	e.readAll = true
	if len(e.changed) == 0 {
		return maps.All(e.table.records)
	}
	all := maps.Clone(e.table.records)
	maps.Copy(all, e.changed)
	return maps.All(all)
}

// Put sets a record. Of two concurrent transactions that create records of a kind,
// one is repeated, since their sequence numbers must differ.
func (e *Edits[T, P]) Put(id string, r P) {
	e.changed[id] = r
	e.readAll = e.readAll || e.table.records[id] == nil
}

// purge removes expired records, so many at most, and returns how many it has.
func (e *Edits[T, P]) purge(most int) (n int) {
	for id, r := range e.All() {
		if n < most && e.table.expired(r) {
			e.changed[id] = nil
			n++
		}
	}
	return n
}

// addTo adds the changes to a transaction, and guards what was read at a revision.
func (e *Edits[T, P]) addTo(x *store.Txn, at store.Revision) error {
	for id, r := range e.changed {
		w := store.Write{Key: store.Key{Kind: e.table.kind, ID: id}}
		if r != nil {
			var err error
			if w.Value, err = r.encode(); err != nil {
				return err
			}
		}
		x.Writes = append(x.Writes, w)
	}
	if e.readAll {
		e.read = map[string]bool{"": true}
	}
	for id := range e.read {
		x.Guards = append(x.Guards, store.Guard{Key: store.Key{Kind: e.table.kind, ID: id}, After: at})
	}
	return nil
}

// apply makes the changes in the table without decoding them again. The caller
// holds the table's mu.
func (e *Edits[T, P]) apply() {
	for id, r := range e.changed {
		if r == nil {
			delete(e.table.records, id)
			continue
		}
		e.table.put(id, r)
	}
}

// ByRequest returns the id of the record that a request with that token created,
// and its origin; "" if there is none, or the resource has been deleted since.
func (e *Edits[T, P]) ByRequest(token string) (string, Origin) {
	for id, r := range e.All() {
		if o := r.origin(); token != "" && o.Request == token && !r.leaving() {
			return id, *o
		}
	}
	return "", Origin{}
}
