package player

import (
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
		PCRInterval:       m.PCRPeriod,
		PATInterval:       m.PATInterval,
		PMTInterval:       m.PMTInterval,
		SDTInterval:       m.SDTInterval,
	}
	for _, pid := range m.AudioPIDs {
		c.AudioPIDs = append(c.AudioPIDs, mpegts.PID(pid))
	}
	return c
}
