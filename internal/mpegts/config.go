package mpegts

import (
	"fmt"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Config configures a multiplex. The zero value of a field stands for its default.
type Config struct {
	// MuxRate is the constant rate. It is moved to the nearest rate at which a lap
	// holds a whole number of packets. 0 is the smallest rate at which every
	// access unit is decodable.
	MuxRate media.BitRate
	// ServiceName and Provider go into the SDT. Provider defaults to "LILO".
	ServiceName, Provider string
	// TransportStreamID and ProgramNumber default to 1.
	TransportStreamID, ProgramNumber uint16
	// PMTPID and VideoPID default to 480 and 481, as in MediaLive's M2TS output.
	PMTPID, VideoPID PID
	// PCRPID is the PID of the video, of an audio track or one of its own. It
	// defaults to the video's, or to the first audio track's without video.
	PCRPID PID
	// AudioPIDs are the PIDs of the audio tracks in the file's order, 482 and the
	// following by default. Further tracks have the PIDs after the last.
	AudioPIDs []PID
	// FramesPerPES is the most audio access units in a PES packet, 1 to 8, 2 by default.
	FramesPerPES int
	// PCRInterval, PATInterval, PMTInterval and SDTInterval are the longest times
	// between two of each, of which whole milliseconds count. They default to 35 ms, 100 ms,
	// 100 ms and 2 s; longer ones are shortened to these.
	PCRInterval, PATInterval, PMTInterval, SDTInterval time.Duration
}

// The longest intervals: ISO/IEC 13818-1, 2.7.2 allows a PCR every 100 ms, ETSI
// TR 101 290, 5.2.2 every 40; the tables' are those of ETSI TR 101 211, 4.4.
const (
	maxPCRInterval = 35 * time.Millisecond
	maxPSIInterval = 100 * time.Millisecond
	maxSDTInterval = 2 * time.Second
)

// withDefaults returns c with the defaults in place of zero values.
func (c Config) withDefaults() Config {
	setDefault(&c.TransportStreamID, 1)
	setDefault(&c.ProgramNumber, 1)
	setDefault(&c.PMTPID, 480)
	setDefault(&c.VideoPID, 481)
	setDefault(&c.FramesPerPES, 2)
	setDefault(&c.Provider, "LILO")
	if len(c.AudioPIDs) == 0 {
		c.AudioPIDs = []PID{482}
	}
	limit(&c.PCRInterval, maxPCRInterval)
	limit(&c.PATInterval, maxPSIInterval)
	limit(&c.PMTInterval, maxPSIInterval)
	limit(&c.SDTInterval, maxSDTInterval)
	return c
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// limit sets a positive interval to whole milliseconds from 1 ms to longest, which is the default.
func limit(v *time.Duration, longest time.Duration) {
	setDefault(v, longest)
	if *v > 0 {
		*v = max(min(*v, longest).Truncate(time.Millisecond), time.Millisecond)
	}
}

// validate rejects values out of range, and PIDs that are reserved (ISO/IEC
// 13818-1, table 2-3; up to 0x1f for DVB) or used twice.
func (c *Config) validate(l *loop.Loop) error {
	if err := c.validatePIDs(l); err != nil {
		return err
	}
	if c.FramesPerPES < 1 || c.FramesPerPES > 8 {
		return fault.New(fault.Usage, "%d audio frames in a PES packet: give 1 to 8", c.FramesPerPES)
	}
	for _, d := range []time.Duration{c.PCRInterval, c.PATInterval, c.PMTInterval, c.SDTInterval} {
		if d < time.Millisecond {
			return fault.New(fault.Usage, "an interval of %v: give 1ms or more, or 0 for the default", d)
		}
	}
	return nil
}

func (c *Config) validatePIDs(l *loop.Loop) error {
	users := map[PID]string{}
	use := func(p PID, user string) error {
		if p < 0x20 || p >= nullPID {
			return fault.New(fault.Usage, "%s on PID %d, which is reserved: give 32 to 8190", user, p)
		}
		if other := users[p]; other != "" {
			return fault.New(fault.Usage, "%s and %s on PID %d: give each its own", other, user, p)
		}
		users[p] = user
		return nil
	}
	err := use(c.PMTPID, "the PMT")
	elements := c.elements(l)
	for i := 0; i < len(elements) && err == nil; i++ {
		err = use(elements[i].pid, elements[i].name)
	}
	// The PCR may share the PID of an element.
	pcr := c.pcrPID(l)
	if err == nil && !slices.ContainsFunc(elements, func(e element) bool { return e.pid == pcr }) {
		err = use(pcr, "the PCR")
	}
	return err
}

// element is an elementary stream of the program as the PMT lists it.
type element struct {
	name        string // for messages
	pid         PID
	streamType  byte
	descriptors []byte
}

// elements returns the elementary streams of the program: video, then audio.
func (c *Config) elements(l *loop.Loop) []element {
	var all []element
	if l.Video != nil {
		coding := l.Video.Track.Coding
		all = append(all, element{"the video", c.VideoPID, coding.StreamType(), coding.Descriptors()})
	}
	for i, a := range l.Audio {
		coding := a.Track.Coding
		descriptors := append(slices.Clone(coding.Descriptors()), languageDescriptor(a.Track.Language)...)
		all = append(all, element{fmt.Sprint("audio track ", i+1), c.audioPID(i), coding.StreamType(), descriptors})
	}
	return all
}

// audioPID returns the PID of audio track i.
func (c *Config) audioPID(i int) PID {
	if last := len(c.AudioPIDs) - 1; i > last {
		return c.AudioPIDs[last] + PID(i-last)
	}
	return c.AudioPIDs[i]
}

// pcrPID returns the PID that carries the PCR.
func (c *Config) pcrPID(l *loop.Loop) PID {
	switch {
	case c.PCRPID != 0:
		return c.PCRPID
	case l.Video != nil:
		return c.VideoPID
	}
	return c.audioPID(0)
}
