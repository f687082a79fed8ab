package auth

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// maxFailures is how many wrong passwords an address may send in failureWindow.
	maxFailures   = 10
	failureWindow = 15 * time.Minute
	// maxAddresses bounds how many addresses are remembered.
	maxAddresses = 10_000
)

// Attempts limits wrong passwords from an IPv4 address or an IPv6 /64. It is safe
// for concurrent use.
type Attempts struct {
	mu     sync.Mutex
	failed map[netip.Prefix]failures
}

type failures struct {
	count int
	until time.Time // they are forgotten
}

// NewAttempts returns an Attempts without failures.
func NewAttempts() *Attempts { return &Attempts{failed: make(map[netip.Prefix]failures)} }

// ClientPrefix returns the prefix of an address that counts as one client: an IPv4
// address or an IPv6 /64. That of the zero address is the zero Prefix.
func ClientPrefix(from netip.Addr) netip.Prefix {
	from = from.Unmap().WithZone("")
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits) // The zero Prefix is that of an unknown address.
	return p
}

// Wait returns how long an address must wait before its next attempt, 0 for not at all.
func (a *Attempts) Wait(from netip.Addr, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.failed[ClientPrefix(from)]
	if f.count < maxFailures || !now.Before(f.until) {
		return 0
	}
	return f.until.Sub(now)
}

// Failed counts a wrong password. Call it before the password is checked, and
// Succeeded if it is right, so that concurrent attempts are counted too.
func (a *Attempts) Failed(from netip.Addr, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := ClientPrefix(from)
	f, known := a.failed[key]
	if !known && len(a.failed) >= maxAddresses {
		a.forget(now)
	}
	if !now.Before(f.until) {
		f = failures{until: now.Add(failureWindow)}
	}
	f.count++
	a.failed[key] = f
}

// forget drops failures that are over, or all if that is not enough.
func (a *Attempts) forget(now time.Time) {
	for key, f := range a.failed {
		if !now.Before(f.until) {
			delete(a.failed, key)
		}
	}
	if len(a.failed) >= maxAddresses {
		clear(a.failed)
	}
}

// Succeeded forgets the failures of an address.
func (a *Attempts) Succeeded(from netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.failed, ClientPrefix(from))
}
