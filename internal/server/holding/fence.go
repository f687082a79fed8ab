package holding

import "time"

// Fence says until when a node may send. Instants are readings of a monotonic clock that
// goes on while the machine sleeps.
//
// A node asks for one renewal of its lease at a time. Were it to ask on without an
// answer, a network that loses answers only would keep its lease while its fence ends.
type Fence struct {
	// Lease is for how long the store grants a lease.
	Lease time.Duration
	// Overlap is for how long a node sends on after its lease may have been dropped: the
	// time that the store and the next node take to notice.
	Overlap time.Duration

	renewed bool
	asked   time.Duration
}

// Renew notes that the lease was granted or renewed, as was asked for at an instant, and
// that the node has seen all changes that the store had made then. Without the second, a
// node that gets answers but no changes would not notice that it has handed over.
func (f *Fence) Renew(asked time.Duration) {
	if !f.renewed || asked > f.asked {
		f.renewed, f.asked = true, asked
	}
}

// Until returns the instant from which the node must not send. It is 0 before the first lease.
func (f *Fence) Until() time.Duration {
	if !f.renewed {
		return 0
	}
	return f.asked + f.Lease + f.Overlap
}
