package channel

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// M2TS is how the transport stream is laid out, in the words of MediaLive's
// M2tsSettings. What is zero or empty has the default that package mpegts gives it.
type M2TS struct {
	// TransportStreamID and ProgramNum are 1 to 65535.
	TransportStreamID, ProgramNum int
	// PMTPID, VideoPID and PCRPID are MinPID to MaxPID. The PCR's is the video's by default.
	PMTPID, VideoPID, PCRPID int
	// AudioPIDs are those of the audio tracks, in the file's order.
	AudioPIDs []int
	// PCRPeriod, PATInterval, PMTInterval and SDTInterval are how far instances are apart at most.
	PCRPeriod, PATInterval, PMTInterval, SDTInterval time.Duration
	// AudioFramesPerPES is the most audio access units of a PES packet, 1 to 8.
	AudioFramesPerPES int
	// ServiceProvider is the provider's name in the SDT.
	ServiceProvider string
}

// Bounds of a PID that a channel may choose: below lie those of tables
// (ISO/IEC 13818-1, table 2-3, and DVB's), above those that MediaLive refuses.
const (
	MinPID = 32
	MaxPID = 8182
)

// PIDs that hold where none are given, as in MediaLive's M2TS output.
const (
	DefaultPMTPID   = 480
	DefaultVideoPID = 481
	// FirstAudioPID to LastAudioPID are those of the audio tracks, in the file's order.
	FirstAudioPID = 482
	LastAudioPID  = 498
)

// MaxProvider is the longest name of a provider in bytes, what MaxName leaves
// of a service_descriptor.
const MaxProvider = 50

// M2TSKey is one setting of the transport stream: a key of the m2ts block of
// the YAML, and of the flag.
type M2TSKey struct {
	// Key is its name.
	Key string
	// Values says what it can be, for a help text.
	Values string

	set func(*M2TS, string) error
}

// M2TSKeys returns all of them.
func M2TSKeys() []M2TSKey {
	count := func(key string, low, high int, field func(*M2TS) *int) M2TSKey {
		return M2TSKey{key, strconv.Itoa(low) + " to " + strconv.Itoa(high), func(m *M2TS, text string) error {
			return between(field(m), text, low, high)
		}}
	}
	pid := func(key string, field func(*M2TS) *int) M2TSKey {
		return M2TSKey{key, "32 to 8182", func(m *M2TS, text string) error { return pidInto(field(m), text) }}
	}
	interval := func(key string, low, high int, field func(*M2TS) *time.Duration) M2TSKey {
		return M2TSKey{key, strconv.Itoa(low) + " to " + strconv.Itoa(high) + " ms", func(m *M2TS, text string) error {
			return intervalInto(field(m), text, low, high)
		}}
	}
	return []M2TSKey{
		count("programNum", 1, 65535, func(m *M2TS) *int { return &m.ProgramNum }),
		count("transportStreamId", 1, 65535, func(m *M2TS) *int { return &m.TransportStreamID }),
		pid("pmtPid", func(m *M2TS) *int { return &m.PMTPID }),
		pid("videoPid", func(m *M2TS) *int { return &m.VideoPID }),
		pid("pcrPid", func(m *M2TS) *int { return &m.PCRPID }),
		{"audioPids", "PIDs and ranges of them: 482,490 or 482-484", setAudioPIDs},
		interval("pcrPeriod", 10, 100, func(m *M2TS) *time.Duration { return &m.PCRPeriod }),
		interval("patInterval", 10, 1000, func(m *M2TS) *time.Duration { return &m.PATInterval }),
		interval("pmtInterval", 10, 1000, func(m *M2TS) *time.Duration { return &m.PMTInterval }),
		interval("sdtInterval", 25, 2000, func(m *M2TS) *time.Duration { return &m.SDTInterval }),
		count("audioFramesPerPes", 1, 8, func(m *M2TS) *int { return &m.AudioFramesPerPES }),
		{"serviceProviderName", "a text", setProvider},
	}
}

// Set gives the setting of that key its value. Faults are of kind Usage and do not name the key.
func (m *M2TS) Set(key, value string) error {
	all := M2TSKeys()
	i := slices.IndexFunc(all, func(k M2TSKey) bool { return k.Key == key })
	if i < 0 {
		var known []string
		for _, k := range all {
			known = append(known, k.Key)
		}
		return unknown(key, known)
	}
	if err := all[i].set(m, value); err != nil {
		return fault.New(fault.Usage, "%s: %w", key, err)
	}
	return nil
}

// setM2TS takes what the flag says.
func setM2TS(s *Spec, values []string) error { return s.changeM2TS(settingsOf(values[0])) }

// changeM2TS sets key=value after key=value. What is not named stays as it is.
func (s *Spec) changeM2TS(words []string) error {
	m := s.M2TS
	err := eachOnce(words, m.Set)
	if err == nil {
		err = m.check()
	}
	if err == nil {
		s.M2TS = m
	}
	return err
}

// settingsOf cuts key=value,key=value,… into its settings. What has no = goes
// on with the list before it: audioPids=482,490.
func settingsOf(text string) []string {
	var all []string
	for word := range strings.SplitSeq(text, ",") {
		if len(all) > 0 && !strings.Contains(word, "=") {
			all[len(all)-1] += "," + word
			continue
		}
		all = append(all, word)
	}
	return all
}

// eachOnce sets key=value after key=value, none of them twice.
func eachOnce(words []string, set func(key, value string) error) error {
	seen := make(map[string]bool)
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		switch {
		case !ok:
			return fault.New(fault.Usage, "%q: settings are written key=value", word)
		case seen[key]:
			return fault.New(fault.Usage, "%s is given twice", key)
		}
		seen[key] = true
		if err := set(key, value); err != nil {
			return err
		}
	}
	return nil
}

func unknown(key string, known []string) error {
	return fault.New(fault.Usage, "%q is not known (%s are)", key, strings.Join(known, ", "))
}

// pidInto reads a PID in decimal or, as analysers write it, in hexadecimal.
func pidInto(field *int, text string) error {
	n, err := strconv.ParseInt(text, 0, 32)
	if err != nil || n < MinPID || n > MaxPID {
		return fault.New(fault.Usage, "%q is not a PID from %d to %d", text, MinPID, MaxPID)
	}
	*field = int(n)
	return nil
}

// intervalInto reads milliseconds as MediaLive writes them, or a duration.
func intervalInto(field *time.Duration, text string, low, high int) error {
	d, err := ParseDuration(text)
	if n, bad := strconv.Atoi(text); bad == nil {
		d, err = time.Duration(min(max(n, -1), high+1))*time.Millisecond, nil
	}
	if err != nil || d < time.Duration(low)*time.Millisecond || d > time.Duration(high)*time.Millisecond || d%time.Millisecond != 0 {
		return fault.New(fault.Usage, "%q is not a whole number of milliseconds from %d to %d", text, low, high)
	}
	*field = d
	return nil
}

func setAudioPIDs(m *M2TS, text string) error {
	var all []int
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		var from, to int
		if err := pidInto(&from, first); err != nil {
			return err
		}
		if err := pidInto(&to, last); err != nil {
			return err
		}
		if to < from || to-from > 63 {
			return fault.New(fault.Usage, "%q is no range: write the lower PID first, 64 of them at most", part)
		}
		for pid := from; pid <= to; pid++ {
			all = append(all, pid)
		}
	}
	m.AudioPIDs = all
	return nil
}

func setProvider(m *M2TS, text string) error {
	m.ServiceProvider = text
	if text == "" {
		return fault.New(fault.Usage, "a name is not empty")
	}
	return checkProvider(text)
}

func checkProvider(name string) error {
	if len(name) > MaxProvider {
		return fault.New(fault.Usage, "a provider's name has at most %d bytes, not %d", MaxProvider, len(name))
	}
	return checkName(name)
}

// check reports the first setting that is out of bounds, and PIDs that clash.
func (m M2TS) check() error {
	if err := m.checkNumbers(); err != nil {
		return err
	}
	return m.checkPIDs()
}

func (m M2TS) checkNumbers() error {
	ms := func(d time.Duration) int { return int((d + time.Millisecond - 1) / time.Millisecond) }
	for _, c := range []struct {
		key            string
		has, low, high int
	}{
		{"transportStreamId", m.TransportStreamID, 1, 65535},
		{"programNum", m.ProgramNum, 1, 65535},
		{"pmtPid", m.PMTPID, MinPID, MaxPID},
		{"videoPid", m.VideoPID, MinPID, MaxPID},
		{"pcrPid", m.PCRPID, MinPID, MaxPID},
		{"pcrPeriod", ms(m.PCRPeriod), 10, 100},
		{"patInterval", ms(m.PATInterval), 10, 1000},
		{"pmtInterval", ms(m.PMTInterval), 10, 1000},
		{"sdtInterval", ms(m.SDTInterval), 25, 2000},
		{"audioFramesPerPes", m.AudioFramesPerPES, 1, 8},
	} {
		if c.has != 0 && (c.has < c.low || c.has > c.high) {
			return fault.New(fault.Usage, "%s %d: it is %d to %d", c.key, c.has, c.low, c.high)
		}
	}
	return checkProvider(m.ServiceProvider)
}

// checkPIDs refuses a PID that two streams would have. The clock may share that
// of pictures or sound, but not that of the PMT.
func (m M2TS) checkPIDs() error {
	if len(m.AudioPIDs) > LastAudioPID-FirstAudioPID+1 {
		return fault.New(fault.Usage, "audioPids: %d are given, at most %d are taken", len(m.AudioPIDs), LastAudioPID-FirstAudioPID+1)
	}
	pmt, video := or(m.PMTPID, DefaultPMTPID), or(m.VideoPID, DefaultVideoPID)
	taken := map[int]string{pmt: "pmtPid"}
	take := func(pid int, key string) error {
		switch other := taken[pid]; {
		case other == key:
			return fault.New(fault.Usage, "PID %d stands in %s twice", pid, key)
		case other != "":
			return fault.New(fault.Usage, "PID %d is both %s and %s: give one of them another", pid, other, key)
		}
		taken[pid] = key
		return nil
	}
	if err := take(video, "videoPid"); err != nil {
		return err
	}
	for _, pid := range m.audioPIDs() {
		if pid < MinPID || pid > MaxPID {
			return fault.New(fault.Usage, "audioPids %d: they are %d to %d", pid, MinPID, MaxPID)
		}
		if err := take(pid, "audioPids"); err != nil {
			return err
		}
	}
	if m.PCRPID == pmt {
		return fault.New(fault.Usage, "PID %d is both pmtPid and pcrPid: give one of them another", pmt)
	}
	return nil
}

// audioPIDs returns those given, or the default ones.
func (m M2TS) audioPIDs() []int {
	if len(m.AudioPIDs) > 0 {
		return m.AudioPIDs
	}
	var all []int
	for pid := FirstAudioPID; pid <= LastAudioPID; pid++ {
		all = append(all, pid)
	}
	return all
}

// or returns n, or the default for 0.
func or(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}
