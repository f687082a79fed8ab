package player

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// Window is the part of a stream that a channel sends: the packets that are due at or after
// From and before Until. A zero instant is no bound. The zero Window is the whole stream.
type Window struct{ From, Until time.Time }

// Nothing is the window of a channel that is ready to send, and does not.
func Nothing() Window { return Window{Until: time.Unix(0, 0)} }

// pauses are the packets that do not begin a datagram that is sent: those of the schedule's
// pauses, and those outside of the window. The scheduler reads them; the goroutine that sets
// the schedule or the window sets them.
type pauses struct {
	scheduled atomic.Pointer[[]packetRange] // in rising order
	all       atomic.Pointer[[]packetRange] // sorted by from
}

// packetRange is the packets from from to before to.
type packetRange struct{ from, to packet.Number }

// set replaces the pauses of a playlist that has that epoch.
func (p *pauses) set(list *Playlist, epoch time.Time, scheduled []channel.Pause, w Window) {
	ranges := []packetRange{}
	for _, x := range scheduled {
		r := packetRange{from: list.Before(x.From.Sub(epoch)), to: never}
		if !x.To.IsZero() {
			r.to = list.Before(x.To.Sub(epoch))
		}
		ranges = append(ranges, r)
	}
	all := slices.Clone(ranges)
	if !w.From.IsZero() {
		all = append(all, packetRange{0, list.Before(w.From.Sub(epoch))})
	}
	if !w.Until.IsZero() {
		all = append(all, packetRange{list.Before(w.Until.Sub(epoch)), never})
	}
	slices.SortFunc(all, func(a, b packetRange) int { return cmp.Compare(a.from, b.from) })
	p.scheduled.Store(&ranges)
	p.all.Store(&all)
}

// within reports whether packet n lies in one of the ranges, and up to which packet that holds.
func within(ranges []packetRange, n packet.Number) (inside bool, until packet.Number) {
	const far = never / 2 // Rounding it up to a datagram does not overflow.
	for _, r := range ranges {
		switch {
		case n < r.from:
			return false, r.from
		case n < r.to:
			return true, min(r.to, far)
		}
	}
	return false, far
}

// filter returns outputs to which nothing is sent in a pause or outside of the window.
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
	ranges := *o.pauses.all.Load()
	if len(ranges) == 0 {
		return o.Output.Send(first, payload)
	}
	end := first + packet.Number(len(payload)/packet.Size)
	for first < end {
		paused, until := within(ranges, first)
		n := min(end, (until-first+o.packets-1)/o.packets*o.packets+first) - first
		if !paused {
			r.Add(o.Output.Send(first, payload[:n*packet.Size]))
		}
		first, payload = first+n, payload[n*packet.Size:]
	}
	return r
}
