package player

import (
	"time"

	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/source"
)

// loaded is how much of a remote source's stream is here before it begins.
const loaded = 300 * time.Millisecond

// Load brings the beginning of the stream here, where the source is a remote
// one: an epoch that is chosen after it loses no picture to the network.
func (c *Input) Load() error {
	if _, ok := c.source.(source.Remote); !ok {
		return nil
	}
	s := c.Stream()
	return s.Fill(make([]byte, s.Before(loaded)*packet.Size), 0)
}

// OnAir says that the channel is played from now on: it waits for bytes of a
// remote source that cannot be had now, however long that takes.
func (c *Input) OnAir() {
	if r, ok := c.source.(source.Remote); ok {
		r.OnAir()
	}
}

// Fetched tells how much of a remote source is here; ok is false for any other.
func (c *Input) Fetched() (p source.Progress, ok bool) {
	r, ok := c.source.(source.Remote)
	if ok {
		p = r.Progress()
	}
	return p, ok
}
