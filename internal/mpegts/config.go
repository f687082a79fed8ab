package mpegts

import (
	"fmt"

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
	// PMTPID and VideoPID default to 480 and 481, as in MediaLive's M2TS output.
	PMTPID, VideoPID PID
	// PCRPID may be that of the video, of a track of sound or one of its own; it
	// defaults to the video's, or the first track's where there is no video.
	PCRPID PID
	// AudioPIDs are those of the tracks of sound, in the file's order; 482 and
	// those behind it by default. Tracks beyond them have the PIDs behind the last.
	AudioPIDs []PID
	// FramesPerPES is the most audio access units a PES packet, 1 to 8, by default 2.
	FramesPerPES int
	// PCRInterval, PATInterval, PMTInterval and SDTInterval are how far two of
	// each are apart at most, in milliseconds. They default to 35, 100, 100 and
	// 2000, and longer ones are shortened to these.
	PCRInterval, PATInterval, PMTInterval, SDTInterval int64
}

// intervals are the longest between system packets, in milliseconds.
type intervals struct{ pcr, pat, pmt, sdt int64 }

func (c *Config) intervals() intervals {
	within := func(asked, longest int64) int64 {
		if asked == 0 {
			return longest
		}
		return min(asked, longest)
	}
	return intervals{
		pcr: within(c.PCRInterval, pcrInterval), pat: within(c.PATInterval, psiInterval),
		pmt: within(c.PMTInterval, psiInterval), sdt: within(c.SDTInterval, sdtInterval),
	}
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
	if len(c.AudioPIDs) == 0 {
		c.AudioPIDs = []PID{482}
	}
	if c.FramesPerPES == 0 {
		c.FramesPerPES = 2
	}
	if c.Provider == "" {
		c.Provider = "LILO"
	}
	return c
}

// validate refuses PIDs that are reserved (ISO/IEC 13818-1, table 2-3; up to
// 0x1f for DVB) or taken twice, and what is out of range.
func (c *Config) validate(l *loop.Loop) error {
	if err := c.validatePIDs(l); err != nil {
		return err
	}
	if c.FramesPerPES < 1 || c.FramesPerPES > 8 {
		return fault.New(fault.Usage, "%d audio frames in a PES packet: give 1 to 8", c.FramesPerPES)
	}
	for _, ms := range []int64{c.PCRInterval, c.PATInterval, c.PMTInterval, c.SDTInterval} {
		if ms < 0 {
			return fault.New(fault.Usage, "an interval of %d ms: give 1 or more, or 0 for the longest there may be", ms)
		}
	}
	return nil
}

func (c *Config) validatePIDs(l *loop.Loop) error {
	taken := map[PID]string{}
	take := func(p PID, whose string) error {
		if p < 0x20 || p >= nullPID {
			return fault.New(fault.Usage, "%s on PID %d, which is reserved: give 32 to 8190", whose, p)
		}
		if other := taken[p]; other != "" {
			return fault.New(fault.Usage, "%s and %s on PID %d: give each its own", other, whose, p)
		}
		taken[p] = whose
		return nil
	}
	err := take(c.PMTPID, "the PMT")
	if l.Video != nil && err == nil {
		err = take(c.VideoPID, "the video")
	}
	for i := range l.Audio {
		if err == nil {
			err = take(c.audioPID(i), fmt.Sprint("audio track ", i+1))
		}
	}
	// The PCR shares a PID of the program or has its own, but not the PMT's.
	if pcr := c.pcrPID(l); err == nil && (taken[pcr] == "" || pcr == c.PMTPID) {
		err = take(pcr, "the PCR")
	}
	return err
}

// audioPID is the PID of track i.
func (c *Config) audioPID(i int) PID {
	if last := len(c.AudioPIDs) - 1; i > last {
		return c.AudioPIDs[last] + PID(i-last)
	}
	return c.AudioPIDs[i]
}

// pcrPID is the PID that carries the PCR.
func (c *Config) pcrPID(l *loop.Loop) PID {
	switch {
	case c.PCRPID != 0:
		return c.PCRPID
	case l.Video != nil:
		return c.VideoPID
	}
	return c.audioPID(0)
}
