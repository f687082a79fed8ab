package player

import (
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// multiplexConfig returns what a spec says about the multiplex.
func multiplexConfig(s channel.Spec) mpegts.Config {
	m := s.M2TS
	c := mpegts.Config{
		MuxRate:           media.BitRate(s.MuxRate),
		ServiceName:       s.Name,
		Provider:          m.ServiceProvider,
		TransportStreamID: uint16(m.TransportStreamID),
		ProgramNumber:     uint16(m.ProgramNum),
		PMTPID:            mpegts.PID(m.PMTPID),
		VideoPID:          mpegts.PID(m.VideoPID),
		PCRPID:            mpegts.PID(m.PCRPID),
		FramesPerPES:      m.AudioFramesPerPES,
		PCRInterval:       milliseconds(m.PCRPeriod),
		PATInterval:       milliseconds(m.PATInterval),
		PMTInterval:       milliseconds(m.PMTInterval),
		SDTInterval:       milliseconds(m.SDTInterval),
	}
	for _, pid := range m.AudioPIDs {
		c.AudioPIDs = append(c.AudioPIDs, mpegts.PID(pid))
	}
	return c
}

// milliseconds returns an interval in whole milliseconds, rounded down, but at
// least one unless it is zero.
func milliseconds(d time.Duration) int64 {
	if d > 0 && d < time.Millisecond {
		return 1
	}
	return d.Milliseconds()
}
