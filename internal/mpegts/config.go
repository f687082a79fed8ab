package mpegts

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Config is what a multiplex may choose. The zero value of a field means its default.
type Config struct {
	// MuxRate is the constant rate; 0 means the smallest at which every access
	// unit is decodable. It is moved to the nearest one at which a lap holds a
	// whole number of packets.
	MuxRate media.BitRate
	// ServiceName and Provider go into the SDT. Provider defaults to "LILO".
	ServiceName, Provider string
	// TransportStreamID and ProgramNumber default to 1.
	TransportStreamID, ProgramNumber uint16
	// PMTPID, VideoPID and AudioPID default to 480, 481 and 482, as in MediaLive's
	// M2TS output. Further audio tracks have the PIDs behind AudioPID.
	PMTPID, VideoPID, AudioPID PID
	// FramesPerPES is the most audio access units a PES packet, 1 to 8, by default 2.
	FramesPerPES int
}

// withDefaults fills in the defaults.
func (c Config) withDefaults() Config {
	number := func(v *uint16, def uint16) {
		if *v == 0 {
			*v = def
		}
	}
	pid := func(v *PID, def PID) {
		if *v == 0 {
			*v = def
		}
	}
	number(&c.TransportStreamID, 1)
	number(&c.ProgramNumber, 1)
	pid(&c.PMTPID, 480)
	pid(&c.VideoPID, 481)
	pid(&c.AudioPID, 482)
	if c.FramesPerPES == 0 {
		c.FramesPerPES = 2
	}
	if c.Provider == "" {
		c.Provider = "LILO"
	}
	return c
}

// validate refuses PIDs that are reserved (ISO/IEC 13818-1, table 2-3; up to
// 0x1f for DVB) or taken twice.
func (c *Config) validate(l *loop.Loop) error {
	taken := map[PID]bool{}
	pids := []PID{c.PMTPID}
	if l.Video != nil {
		pids = append(pids, c.VideoPID)
	}
	for i := range l.Audio {
		pids = append(pids, c.audioPID(i))
	}
	for _, p := range pids {
		if p < 0x20 || p >= nullPID || taken[p] {
			return fault.New(fault.Usage, "PID %d is reserved or taken twice: PMT %d, video %d, audio from %d on", p, c.PMTPID, c.VideoPID, c.AudioPID)
		}
		taken[p] = true
	}
	if c.FramesPerPES < 1 || c.FramesPerPES > 8 {
		return fault.New(fault.Usage, "%d audio frames in a PES packet: give 1 to 8", c.FramesPerPES)
	}
	return nil
}

func (c *Config) audioPID(i int) PID { return c.AudioPID + PID(i) }

// pcrPID is the PID of the video, or of the first audio track where there is none.
func (c *Config) pcrPID(l *loop.Loop) PID {
	if l.Video != nil {
		return c.VideoPID
	}
	return c.AudioPID
}
