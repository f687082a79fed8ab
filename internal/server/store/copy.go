package store

import (
	"context"
	"errors"
	"slices"
)

// unfinished is the key of a record that a store has while a copy is being made into it.
const unfinished = "unfinishedCopy"

// Unfinished reports whether records are those of a copy that was not finished.
func Unfinished(records []Write) bool {
	return slices.ContainsFunc(records, func(w Write) bool { return w.Kind == unfinished })
}

// ErrOccupied reports that a store has records that a copy would replace.
var ErrOccupied = errors.New("it has records already")

// Copy copies all records of a store, as they are at one revision, to another, and returns
// them. The other must have none, or those of a copy that was not finished.
func Copy(ctx context.Context, from, to Store) ([]Write, error) {
	all, _, err := from.Load(ctx)
	if err != nil {
		return nil, err
	}
	if Unfinished(all) {
		return nil, errors.New("it is a copy that was not finished")
	}
	old, r, err := to.Load(ctx)
	if err != nil {
		return nil, err
	}
	if len(old) > 0 && !Unfinished(old) {
		return nil, ErrOccupied
	}
	mark := Key{unfinished, unfinished}
	begin := Txn{Guards: []Guard{{Key{Kind: unfinished}, r}}, Writes: []Write{{mark, []byte("{}")}}}
	for _, w := range append(old, all...) {
		begin.Guards = appendNew(begin.Guards, Guard{Key{Kind: w.Kind}, r})
	}
	if _, err := to.Commit(ctx, begin); err != nil {
		return nil, err
	}
	var writes []Write
	for _, w := range old {
		if w.Key != mark {
			writes = append(writes, Write{Key: w.Key})
		}
	}
	// What is removed comes first: a key may be in both.
	for _, part := range slices.Concat(slices.Collect(slices.Chunk(writes, MaxWrites)), slices.Collect(slices.Chunk(all, MaxWrites))) {
		if _, err := to.Commit(ctx, Txn{Writes: part}); err != nil {
			return nil, err
		}
	}
	_, err = to.Commit(ctx, Txn{Writes: []Write{{Key: mark}}})
	return all, err
}

// appendNew appends a guard that is not among those there are.
func appendNew(all []Guard, g Guard) []Guard {
	if slices.Contains(all, g) {
		return all
	}
	return append(all, g)
}
