package player

import (
	"context"
	"io"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/packet"
)

// renderPackets is how many packets are written at once.
const renderPackets = 4096

// Render writes the packets due in [from, to) after the epoch to w and returns their
// number. It calls progress, if not nil, with the share that is done, from 0 to 1.
func (p *Playlist) Render(ctx context.Context, w io.Writer, from, to time.Duration, progress func(float64)) (packet.Number, error) {
	first, end := p.Before(from), p.Before(to)
	buf := make([]byte, renderPackets*packet.Size)
	for n := first; n < end; n += renderPackets {
		if err := ctx.Err(); err != nil {
			return n - first, err
		}
		b := buf[:min(renderPackets, end-n)*packet.Size]
		if err := p.Fill(b, n); err != nil {
			return n - first, err
		}
		if _, err := w.Write(b); err != nil {
			return n - first, fault.New(fault.Destination, "the stream cannot be written: %w", err)
		}
		if progress != nil {
			progress(float64(n-first+packet.Number(len(b)/packet.Size)) / float64(end-first))
		}
	}
	return max(0, end-first), nil
}

// WholeUnits returns a writer that passes the packets of Render on to w. Close replaces
// those of incomplete access units by null packets; it does not close w.
func WholeUnits(w io.Writer) io.WriteCloser { return mpegts.NewWholeUnitWriter(w) }
