package player

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// pauses keep datagrams that are due in a pause from being sent. The scheduler
// reads them; any goroutine may set them.
type pauses struct{ current atomic.Pointer[pauseSet] }

type pauseSet struct {
	scheduled []channel.Pause
	ranges    []packetRange // what scheduled is in packets, in the same order
}

// packetRange is the packets from from to before to. None of them begins a
// datagram that is sent.
type packetRange struct{ from, to packet.Number }

// set replaces the pauses of a playlist that has that epoch.
func (p *pauses) set(list *Playlist, epoch time.Time, scheduled []channel.Pause) {
	s := &pauseSet{scheduled: scheduled}
	for _, x := range scheduled {
		r := packetRange{from: list.Before(x.From.Sub(epoch)), to: never}
		if !x.To.IsZero() {
			r.to = list.Before(x.To.Sub(epoch))
		}
		s.ranges = append(s.ranges, r)
	}
	p.current.Store(s)
}

// all returns the pauses as they were set.
func (p *pauses) all() []channel.Pause { return p.current.Load().scheduled }

// at reports whether an instant lies in a pause.
func (p *pauses) at(t time.Time) bool {
	for _, x := range p.all() {
		if !t.Before(x.From) && (x.To.IsZero() || t.Before(x.To)) {
			return true
		}
	}
	return false
}

// filter returns the outputs with the pauses in front of them.
func (p *pauses) filter(outputs []output.Output) []output.Output {
	var filtered []output.Output
	for _, o := range outputs {
		filtered = append(filtered, pausable{o, p})
	}
	return filtered
}

// pausable is an output to which nothing is sent in a pause.
type pausable struct {
	output.Output
	pauses *pauses
}

// Send implements output.Output. Datagrams due in a pause count as neither sent
// nor dropped.
func (o pausable) Send(first packet.Number, payload []byte) (r output.Result) {
	ranges := o.pauses.current.Load().ranges
	if len(ranges) == 0 {
		return o.Output.Send(first, payload)
	}
	packets := packet.Number(o.Packets())
	end := first + packet.Number(len(payload)/packet.Size)
	for first < end {
		paused, until := pausedAt(ranges, first)
		n := min(end, (until-first+packets-1)/packets*packets+first) - first
		if !paused {
			r.Add(o.Output.Send(first, payload[:n*packet.Size]))
		}
		first, payload = first+n, payload[n*packet.Size:]
	}
	return r
}

// pausedAt reports whether packet n lies in a pause, and up to which packet that holds.
func pausedAt(ranges []packetRange, n packet.Number) (paused bool, until packet.Number) {
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
