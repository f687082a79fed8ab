package mpegts

import (
	"fmt"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/media"
)

// Config configures a multiplex. The zero value of a field stands for its default.
type Config struct {
	// MuxRate is the constant rate. It is moved to the nearest rate at which a lap
	// holds a whole number of packets. 0 is the smallest rate at which every
	// access unit is decodable.
	MuxRate media.BitRate
	// ServiceName is the name of the service in the SDT.
	ServiceName string

	m2ts.Layout
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
	c.Layout = c.WithDefaults()
	limit(&c.PCRPeriod, maxPCRInterval)
	limit(&c.PATInterval, maxPSIInterval)
	limit(&c.PMTInterval, maxPSIInterval)
	limit(&c.SDTInterval, maxSDTInterval)
	return c
}

// limit sets a positive interval to whole milliseconds from 1 ms to longest, which is the default.
func limit(v *time.Duration, longest time.Duration) {
	switch {
	case *v == 0:
		*v = longest
	case *v > 0:
		*v = max(min(*v, longest).Truncate(time.Millisecond), time.Millisecond)
	}
}

// validate rejects values out of range, and PIDs that are reserved (ISO/IEC
// 13818-1, table 2-3; up to 0x1f for DVB) or used twice.
func (c *Config) validate(l *loop.Loop) error {
	if err := c.validatePIDs(l); err != nil {
		return err
	}
	if err := c.validatePMT(l); err != nil {
		return err
	}
	if c.AudioFramesPerPES < 1 || c.AudioFramesPerPES > 8 {
		return fault.New(fault.Usage, "%d audio frames in a PES packet: give 1 to 8", c.AudioFramesPerPES)
	}
	for _, d := range []time.Duration{c.PCRPeriod, c.PATInterval, c.PMTInterval, c.SDTInterval} {
		if d < time.Millisecond {
			return fault.New(fault.Usage, "an interval of %v: give 1ms or more, or 0 for the default", d)
		}
	}
	return nil
}

// validatePMT rejects a program whose map does not fit a section (2.4.4.9), and says
// how many of its audio tracks do.
func (c *Config) validatePMT(l *loop.Loop) error {
	const most = 1021 - 9 // section_length without what surrounds the body
	if len(pmtBody(c, l)) <= most {
		return nil
	}
	fewer := *l
	for len(fewer.Audio) > 0 && len(pmtBody(c, &fewer)) > most {
		fewer.Audio = fewer.Audio[:len(fewer.Audio)-1]
	}
	return fault.New(fault.Media, "the program map of %d audio tracks would have more than the 1021 bytes of a section (ISO/IEC 13818-1, 2.4.4.9): "+
		"leave out the tracks after audio track %d, with ffmpeg -i IN -map 0:v? -map 0:a:0 … -map 0:a:%d -c copy OUT.mp4", len(l.Audio), len(fewer.Audio), len(fewer.Audio)-1)
}

func (c *Config) validatePIDs(l *loop.Loop) error {
	users := map[PID]string{}
	use := func(p PID, user string) error {
		if p < m2ts.MinPID || p > m2ts.MaxPID {
			return fault.New(fault.Usage, "%s on PID %d, which is reserved: give %d to %d", user, p, m2ts.MinPID, m2ts.MaxPID)
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
		streamType, descriptors := c.announced(a.Track.Coding)
		descriptors = append(slices.Clone(descriptors), languageDescriptor(a.Track.Language)...)
		all = append(all, element{fmt.Sprint("audio track ", i+1), c.audioPID(i), streamType, descriptors})
	}
	return all
}

// announced returns how the PMT announces a coding.
func (c *Config) announced(coding media.Coding) (streamType byte, descriptors []byte) {
	if other, ok := coding.(media.ATSCCoding); ok && c.AudioStreamType == m2ts.ATSC {
		return other.ATSC()
	}
	return coding.StreamType(), coding.Descriptors()
}

// audioBuffer returns the buffers of a decoder of an audio coding.
func (c *Config) audioBuffer(coding media.Coding) media.Buffer {
	if other, ok := coding.(media.ATSCCoding); ok && c.AudioStreamType == m2ts.ATSC {
		return other.ATSCBuffer()
	}
	return coding.Buffer()
}

func (c *Config) audioPID(i int) PID {
	if last := len(c.AudioPIDs) - 1; i > last {
		return c.AudioPIDs[last] + PID(i-last)
	}
	return c.AudioPIDs[i]
}

// freePID returns the first PID after those of the elements that nothing has.
func (c *Config) freePID(l *loop.Loop) (pid PID) {
	used := map[PID]bool{c.PMTPID: true}
	for _, e := range c.elements(l) {
		used[e.pid], pid = true, max(pid, e.pid)
	}
	for used[pid] {
		if pid++; pid > m2ts.MaxPID {
			pid = m2ts.MinPID
		}
	}
	return pid
}

func (c *Config) pcrPID(l *loop.Loop) PID {
	switch {
	case c.PCRPID != 0:
		return c.PCRPID
	case l.Video != nil:
		return c.VideoPID
	}
	return c.audioPID(0)
}
