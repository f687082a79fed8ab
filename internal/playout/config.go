package playout

import (
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
)

// Config is a channel to add.
type Config struct {
	// Name labels messages and snapshots.
	Name string
	// Stream belongs to the scheduler until the channel is done.
	Stream Stream
	// Epoch is when packet 0 is due. If it is past, the channel joins the stream where
	// it is now.
	Epoch time.Time
	// Pacing is the longest stretch of the stream in one train, from channel.MinPacing to
	// channel.MaxPacing.
	Pacing time.Duration
	// Tolerance is how late a datagram may leave without being skipped; 0 means
	// channel.DefaultTolerance. A train is never too late for itself.
	Tolerance time.Duration
	// For is how long to play from the epoch or the start, whichever is later; 0 means
	// until Stop.
	For time.Duration
	// Outputs may be empty. They are closed when the channel is done.
	Outputs []output.Output
}

func (c Config) validate() error {
	switch {
	case c.Stream == nil:
		return fmt.Errorf("channel %q has no stream", c.Name)
	case c.Pacing < channel.MinPacing || c.Pacing > channel.MaxPacing:
		return fault.New(fault.Usage, "channel %q: pacing %v is out of range: use %v to %v", c.Name, c.Pacing, channel.MinPacing, channel.MaxPacing)
	case c.For < 0:
		return fault.New(fault.Usage, "channel %q cannot play for %v: use 0 for ever", c.Name, c.For)
	}
	for _, o := range c.Outputs {
		if n := o.Packets(); n < 1 || n > channel.MaxPackets {
			return fault.New(fault.Usage, "%s: %d packets a datagram are out of range: use 1 to %d", o.URL(), n, channel.MaxPackets)
		}
	}
	return nil
}
