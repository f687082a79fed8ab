package player

import (
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// multiplexConfig returns what a spec says about the multiplex.
func multiplexConfig(s channel.Spec) mpegts.Config {
	return mpegts.Config{MuxRate: media.BitRate(s.MuxRate), ServiceName: s.Name, Layout: s.M2TS}
}
