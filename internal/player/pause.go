package player

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// pauses are the packets that do not begin a datagram that is sent, as ranges in
// rising order. The scheduler reads them; any goroutine may set them.
type pauses struct{ ranges atomic.Pointer[[]packetRange] }

// packetRange is the packets from from to before to.
type packetRange struct{ from, to packet.Number }

// set replaces the pauses of a playlist that has that epoch.
func (p *pauses) set(list *Playlist, epoch time.Time, scheduled []channel.Pause) {
	var ranges []packetRange
	for _, x := range scheduled {
		r := packetRange{from: list.Before(x.From.Sub(epoch)), to: never}
		if !x.To.IsZero() {
			r.to = list.Before(x.To.Sub(epoch))
		}
		ranges = append(ranges, r)
	}
	p.ranges.Store(&ranges)
}

// at reports whether packet n lies in a pause, and up to which packet that holds.
func (p *pauses) at(n packet.Number) (paused bool, until packet.Number) {
	const far = never / 2 // Rounding it up to a datagram does not overflow.
	for _, r := range *p.ranges.Load() {
		switch {
		case n < r.from:
			return false, r.from
		case n < r.to:
			return true, min(r.to, far)
		}
	}
	return false, far
}

// filter returns outputs to which nothing is sent in a pause.
func (p *pauses) filter(outputs []output.Output) []output.Output {
	var filtered []output.Output
	for _, o := range outputs {
		filtered = append(filtered, &pausable{o, p, packet.Number(o.Packets())})
	}
	return filtered
}

type pausable struct {
	output.Output
	pauses  *pauses
	packets packet.Number // TS packets a datagram, as playout knows
}

// Packets implements output.Output.
func (o *pausable) Packets() int {
	n := o.Output.Packets()
	o.packets = packet.Number(n)
	return n
}

// Send implements output.Output. Datagrams due in a pause count as neither sent
// nor dropped.
func (o *pausable) Send(first packet.Number, payload []byte) (r output.Result) {
	if len(*o.pauses.ranges.Load()) == 0 {
		return o.Output.Send(first, payload)
	}
	end := first + packet.Number(len(payload)/packet.Size)
	for first < end {
		paused, until := o.pauses.at(first)
		n := min(end, (until-first+o.packets-1)/o.packets*o.packets+first) - first
		if !paused {
			r.Add(o.Output.Send(first, payload[:n*packet.Size]))
		}
		first, payload = first+n, payload[n*packet.Size:]
	}
	return r
}
