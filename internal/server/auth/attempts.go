package auth

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// maxFailures is how many wrong passwords an address may send in failureSpan.
	maxFailures = 10
	failureSpan = 15 * time.Minute
	// maxAddresses bounds how many addresses are remembered.
	maxAddresses = 10_000
)

// Attempts counts wrong passwords by the address they come from. Any goroutine
// may use it.
type Attempts struct {
	mu  sync.Mutex
	all map[netip.Prefix]failures
}

type failures struct {
	count int
	until time.Time // when they are forgotten
}

// NewAttempts returns a count of nothing.
func NewAttempts() *Attempts { return &Attempts{all: make(map[netip.Prefix]failures)} }

// network is what one person has: an address of version 4, a /64 of version 6.
func network(from netip.Addr) netip.Prefix {
	from = from.Unmap().WithZone("")
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits) // The zero Prefix stands for no address.
	return p
}

// Wait returns how long the address has to wait before it may try again, 0 for not at all.
func (a *Attempts) Wait(from netip.Addr, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.all[network(from)]
	if f.count < maxFailures || !now.Before(f.until) {
		return 0
	}
	return f.until.Sub(now)
}

// Failed counts a wrong password. It counts before the password is checked, and
// Succeeded takes it back: many tries at once are then counted as well.
func (a *Attempts) Failed(from netip.Addr, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) >= maxAddresses {
		a.forget(now)
	}
	key := network(from)
	f := a.all[key]
	if !now.Before(f.until) {
		f = failures{until: now.Add(failureSpan)}
	}
	f.count++
	a.all[key] = f
}

// forget drops what is over, and everything where that is not enough.
func (a *Attempts) forget(now time.Time) {
	for key, f := range a.all {
		if !now.Before(f.until) {
			delete(a.all, key)
		}
	}
	if len(a.all) >= maxAddresses {
		clear(a.all)
	}
}

// Succeeded forgets the failures of an address.
func (a *Attempts) Succeeded(from netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.all, network(from))
}
