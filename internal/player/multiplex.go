package player

import (
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// config is what a spec says of the multiplex.
func config(s channel.Spec) mpegts.Config {
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

// milliseconds is an interval in whole milliseconds, not longer than it is, and
// at least one where it is any.
func milliseconds(d time.Duration) int64 {
	if d > 0 && d < time.Millisecond {
		return 1
	}
	return d.Milliseconds()
}
