// Package output says what a destination of a channel is. The packages below
// it implement it: rtp, udp and file. Package outputtest holds the test that
// all of them pass.
package output

// MaxPackets is how many TS packets a datagram holds at most: 7 · 188 + 12
// bytes of RTP + 28 of UDP and IPv4 (48 with IPv6) stay below Ethernet's 1,500.
const MaxPackets = 7

// Output is one place a channel is sent to. Its datagrams are numbered from
// the epoch: datagram d holds the packets d·Packets() and following, so that
// every byte that leaves follows from the number alone.
//
// One goroutine calls Send at a time; Close is called once, after the last Send.
type Output interface {
	// URL names the destination in messages and metrics.
	URL() string
	// Packets returns how many TS packets a datagram holds, 1 to MaxPackets.
	Packets() int
	// Send sends whole datagrams at once: payload holds the packets first,
	// first+1, … and both first and their count are multiples of Packets.
	// It never blocks, allocates nothing while all is well, and is done with
	// payload when it returns.
	Send(first int64, payload []byte) Result
	// Close sends what is still queued, if anything is, and releases the destination.
	Close() error
}

// Result is what became of the datagrams of one Send; Sent and Dropped add up
// to their number.
type Result struct {
	// Sent counts the datagrams the system took.
	Sent int
	// Dropped counts those it did not take.
	Dropped int
	// Refused counts how often the system said that nobody listens there;
	// the datagrams it said so for were tried once more.
	Refused int
	// Err is why datagrams were dropped, nil where a queue was full for a moment.
	Err error
}

// Add adds what became of further datagrams.
func (r *Result) Add(more Result) {
	r.Sent += more.Sent
	r.Dropped += more.Dropped
	r.Refused += more.Refused
	if more.Err != nil {
		r.Err = more.Err
	}
}
