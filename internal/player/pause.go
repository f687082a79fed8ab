package player

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// pauses keeps datagrams from outputs that are due in a pause. The scheduler asks
// it; any goroutine may set it.
type pauses struct{ shut atomic.Pointer[[]stretch] }

// stretch is the packets from the one to before the other, none of which begins
// a datagram that is sent.
type stretch struct{ from, to int64 }

// set shuts the pauses for the pauses of a playlist.
func (g *pauses) set(p *Playlist, epoch time.Time, pauses []channel.Pause) {
	if len(pauses) == 0 {
		g.shut.Store(nil)
		return
	}
	var shut []stretch
	for _, x := range pauses {
		s := stretch{from: p.Before(x.From.Sub(epoch)), to: 1 << 62}
		if !x.To.IsZero() {
			s.to = p.Before(x.To.Sub(epoch))
		}
		shut = append(shut, s)
	}
	g.shut.Store(&shut)
}

// all puts the pauses before outputs.
func (g *pauses) all(outputs []output.Output) []output.Output {
	var gated []output.Output
	for _, o := range outputs {
		gated = append(gated, behind{o, g})
	}
	return gated
}

// behind is an output behind a pauses.
type behind struct {
	output.Output
	pauses *pauses
}

// Send implements output.Output. Datagrams that are kept back count as neither
// sent nor dropped.
func (b behind) Send(first int64, payload []byte) (r output.Result) {
	shut := b.pauses.shut.Load()
	if shut == nil {
		return b.Output.Send(first, payload)
	}
	packets := int64(b.Packets())
	end := first + int64(len(payload)/packet.Size)
	for first < end {
		open, until := next(*shut, first)
		n := min(end, (until-first+packets-1)/packets*packets+first) - first
		if open {
			r.Add(b.Output.Send(first, payload[:n*packet.Size]))
		}
		first, payload = first+n, payload[n*packet.Size:]
	}
	return r
}

// next tells whether the pauses is open for packet n, and up to which packet that is so.
func next(shut []stretch, n int64) (open bool, until int64) {
	until = 1 << 61
	for _, s := range shut {
		switch {
		case n < s.from:
			return true, s.from
		case n < s.to:
			return false, min(s.to, until)
		}
	}
	return true, until
}
