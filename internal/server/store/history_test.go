package store

import (
	"errors"
	"testing"
)

// TestHistoryKeeps counts the changes that a history keeps.
func TestHistoryKeeps(t *testing.T) {
	h := NewHistory(0)
	for r := range Revision(kept) {
		h.Add(Change{Revision: r + 1})
	}
	if all, err := h.Watch(t.Context(), 0); err != nil || len(all) != kept || all[0].Revision != 1 {
		t.Errorf("Watch returned %d changes, %v", len(all), err)
	}
	h.Add(Change{Revision: kept + 1})
	if _, err := h.Watch(t.Context(), 0); !errors.Is(err, ErrCompacted) {
		t.Errorf("after one more, Watch returned %v", err)
	}
	if all, err := h.Watch(t.Context(), 1); err != nil || len(all) != kept || all[0].Revision != 2 {
		t.Errorf("Watch returned %d changes, %v", len(all), err)
	}
}
