package outputs

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// A destination that could not be opened is tried again after reopenAfter, then after twice
// as long each time, up to reopenAtMost.
const (
	reopenAfter  = time.Second
	reopenAtMost = 16 * time.Second
)

// late is an output that could not be opened with the others of its channel. It drops
// datagrams until it can.
type late struct {
	url     string
	packets int           // TS packets a datagram until it is open
	why     error         // it could not be opened
	out     output.Output // nil until it is open
	opened  chan output.Output
	cancel  context.CancelFunc
}

// openLate returns an output that tries until it is open or closed.
func openLate(ctx context.Context, d channel.Destination, why error, open func(context.Context) (output.Output, error), after func(time.Duration) <-chan time.Time) *late {
	url := d.Target().String()
	l := &late{url: url, packets: d.MostPackets(), opened: make(chan output.Output, 1)}
	l.why = errors.New(strings.TrimPrefix(why.Error(), url+": "))
	// The channel outlives the call that starts it.
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go l.open(ctx, open, after)
	return l
}

func (l *late) open(ctx context.Context, open func(context.Context) (output.Output, error), after func(time.Duration) <-chan time.Time) {
	defer close(l.opened)
	for pause := reopenAfter; ; pause = min(2*pause, reopenAtMost) {
		select {
		case <-ctx.Done():
			return
		case <-after(pause):
		}
		if o, err := open(ctx); err == nil {
			l.opened <- o
			return
		}
	}
}

// URL implements output.Output.
func (l *late) URL() string { return l.url }

// Packets implements output.Output.
func (l *late) Packets() int {
	if l.out == nil {
		select {
		case l.out = <-l.opened:
		default:
			return l.packets
		}
	}
	return l.out.Packets()
}

// Send implements output.Output.
func (l *late) Send(first packet.Number, payload []byte) output.Result {
	if l.out == nil {
		return output.Result{Dropped: len(payload) / (l.packets * packet.Size), Err: l.why}
	}
	return l.out.Send(first, payload)
}

// Close implements output.Output.
func (l *late) Close() error {
	l.cancel()
	if l.out == nil {
		l.out = <-l.opened
	}
	if l.out == nil {
		return nil
	}
	return l.out.Close()
}
