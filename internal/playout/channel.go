package playout

import (
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
)

// The shortest and longest pacing. A shorter one would wake the processor more
// than 1,000 times a second; a longer one is no live stream any more.
const (
	MinPacing = time.Millisecond
	MaxPacing = time.Second
)

// Config says what to play, when and where to.
type Config struct {
	// Name labels messages and snapshots.
	Name string
	// Stream is what is played; it belongs to the scheduler until the channel is done.
	Stream Stream
	// Epoch is the instant packet 0 is due. Before it, nothing is sent; when
	// it is past, the channel joins the stream where it is now.
	Epoch time.Time
	// Pacing is the longest train: how much of the stream leaves at once.
	Pacing time.Duration
	// For is how long to play, from the epoch or from the start if that is
	// later; 0 means until it is stopped.
	For time.Duration
	// Outputs are where it is sent to; without any it plays for those who look
	// at it otherwise. They are closed when the channel is done.
	Outputs []output.Output
}

func (c Config) validate() error {
	switch {
	case c.Stream == nil:
		return fmt.Errorf("channel %q has no stream", c.Name)
	case c.Pacing < MinPacing || c.Pacing > MaxPacing:
		return fault.New(fault.Usage, "channel %q: pacing %v is out of range: use %v to %v", c.Name, c.Pacing, MinPacing, MaxPacing)
	case c.For < 0:
		return fault.New(fault.Usage, "channel %q cannot play for %v: use 0 for ever", c.Name, c.For)
	}
	for _, o := range c.Outputs {
		if n := o.Packets(); n < 1 || n > output.MaxPackets {
			return fault.New(fault.Usage, "%s: %d packets a datagram are out of range: use 1 to %d", o.URL(), n, output.MaxPackets)
		}
	}
	return nil
}
