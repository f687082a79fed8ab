package store

import (
	"context"
	"sync"
)

// kept is how many changes a History keeps.
const kept = 128

// History implements Watch and Latest for a store that adds each change to it.
type History struct {
	mu      sync.Mutex
	from    Revision // changes holds all after this one
	changes []Change
	more    chan struct{} // closed when a change is added
}

// NewHistory returns an empty history that begins after a revision.
func NewHistory(after Revision) *History {
	return &History{from: after, more: make(chan struct{})}
}

// Add appends a change.
func (h *History) Add(c Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, c)
	if len(h.changes) > kept {
		h.from, h.changes = h.changes[0].Revision, h.changes[1:]
	}
	close(h.more)
	h.more = make(chan struct{})
}

// Reset forgets all changes: the history begins anew after a revision.
func (h *History) Reset(after Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.from, h.changes = after, nil
	close(h.more)
	h.more = make(chan struct{})
}

// Latest implements [Store].
func (h *History) Latest(context.Context) (Revision, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.changes); n > 0 {
		return h.changes[n-1].Revision, nil
	}
	return h.from, nil
}

// Watch implements [Store].
func (h *History) Watch(ctx context.Context, after Revision) ([]Change, error) {
	for {
		changes, more, err := h.after(after)
		if err != nil || len(changes) > 0 {
			return changes, err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// after returns the changes after a revision, and a channel that is closed with the next.
func (h *History) after(r Revision) ([]Change, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r < h.from {
		return nil, nil, ErrCompacted
	}
	first := len(h.changes)
	for first > 0 && h.changes[first-1].Revision > r {
		first--
	}
	return h.changes[first:len(h.changes):len(h.changes)], h.more, nil
}
