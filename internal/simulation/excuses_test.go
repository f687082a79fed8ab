package simulation

import (
	"slices"
	"sync"
	"time"
)

// excuses are the times for which something is known to go wrong.
type excuses struct {
	mu  sync.Mutex
	all []excuse
}

// excuse is one of them. Its scope is the destination or the source concerned, "" for
// everything.
type excuse struct {
	kind, scope string
	from, to    time.Time
}

// add adds an excuse from now on.
func (e *excuses) add(kind, scope string, d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = slices.DeleteFunc(e.all, func(x excuse) bool { return time.Since(x.to) > time.Hour })
	e.all = append(e.all, excuse{kind, scope, time.Now(), time.Now().Add(d)})
}

// has reports whether there is an excuse of one of the kinds for a moment between two; for
// scope "", one of any scope.
func (e *excuses) has(scope string, from, to time.Time, kinds ...string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range e.all {
		for _, kind := range kinds {
			if x.kind == kind && (x.scope == "" || scope == "" || x.scope == scope) && !x.from.After(to) && !x.to.Before(from) {
				return true
			}
		}
	}
	return false
}
