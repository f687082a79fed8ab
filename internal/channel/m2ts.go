package channel

import (
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/setting"
)

// M2TSFields returns the settings of the transport stream's layout: the keys
// of --m2ts and of the m2ts block, in the words of MediaLive's M2tsSettings.
func M2TSFields() []setting.Field[m2ts.Layout] {
	type layout = m2ts.Layout
	return []setting.Field[layout]{
		{
			Key: "programNum", Usage: "program number, in PAT and PMT", Default: "1",
			Binding: setting.Of(setting.Number[uint16](1, 65535), func(l *layout) *uint16 { return &l.ProgramNum }),
		},
		{
			Key: "transportStreamId", Usage: "id of the transport stream, in PAT and SDT", Default: "1", OnAWS: "MediaLive's choice",
			Binding: setting.Of(setting.Number[uint16](1, 65535), func(l *layout) *uint16 { return &l.TransportStreamID }),
		},
		{
			Key: "pmtPid", Usage: "PID of the PMT", Default: "480",
			Binding: setting.Of(pid(), func(l *layout) *packet.PID { return &l.PMTPID }),
		},
		{
			Key: "videoPid", Usage: "PID of the video", Default: "481",
			Binding: setting.Of(pid(), func(l *layout) *packet.PID { return &l.VideoPID }),
		},
		{
			Key: "pcrPid", Usage: "PID of the PCR: the video's, an audio track's, or one of its own", Default: "the video's", Example: "481",
			Binding: setting.Of(pid(), func(l *layout) *packet.PID { return &l.PCRPID }),
		},
		{
			Key: "audioPids", Usage: "PIDs of the audio tracks, in the file's order", Default: "482-498",
			Binding: setting.Of(pidList(), func(l *layout) *[]packet.PID { return &l.AudioPIDs }),
		},
		{
			Key: "pcrPeriod", Usage: "longest time between two PCRs; above 35 ms as 35 ms", Default: "35ms", OnAWS: "every PES packet",
			Binding: setting.Of(setting.Milliseconds(10, 100), func(l *layout) *time.Duration { return &l.PCRPeriod }),
		},
		{
			Key: "patInterval", Usage: "longest time between two PATs; above 100 ms as 100 ms", Default: "100ms",
			Binding: setting.Of(setting.Milliseconds(10, 1000), func(l *layout) *time.Duration { return &l.PATInterval }),
		},
		{
			Key: "pmtInterval", Usage: "longest time between two PMTs; above 100 ms as 100 ms", Default: "100ms",
			Binding: setting.Of(setting.Milliseconds(10, 1000), func(l *layout) *time.Duration { return &l.PMTInterval }),
		},
		{
			Key: "sdtInterval", Usage: "longest time between two SDTs", Default: "2s", OnAWS: "500ms", MediaLive: "dvbSdtSettings/repInterval",
			Binding: setting.Of(setting.Milliseconds(25, 2000), func(l *layout) *time.Duration { return &l.SDTInterval }),
		},
		{
			Key: "audioFramesPerPes", Usage: "most audio access units in a PES packet", Default: "2",
			Binding: setting.Of(setting.Number(1, 8), func(l *layout) *int { return &l.AudioFramesPerPES }),
		},
		{
			Key: "serviceProviderName", Usage: "provider's name in the SDT", Default: m2ts.DefaultProvider, MediaLive: "dvbSdtSettings/serviceProviderName",
			Binding: setting.Of(name(MaxProvider), func(l *layout) *string { return &l.ServiceProvider }),
		},
	}
}

// MaxProvider is the longest name of a provider in bytes, what MaxName leaves
// of a service_descriptor.
const MaxProvider = 50

func m2tsGroup() setting.Group[m2ts.Layout] {
	return setting.Group[m2ts.Layout]{Fields: M2TSFields(), Check: checkLayout}
}

// pid is a PID in decimal or, as analysers write it, in hexadecimal.
func pid() setting.Kind[packet.PID] {
	k := setting.Number(m2ts.MinPID, m2ts.MaxPID)
	k.Value, k.Schema = "PID", setting.Schema{"anyOf": []setting.Schema{k.Schema, {"type": "string", "pattern": "^0[xX][0-9a-fA-F]+$"}}}
	k.Parse, k.Check = parsePID, checkPID
	return k
}

func parsePID(text string) (packet.PID, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 0, 16)
	if err == nil && checkPID(packet.PID(n)) == nil {
		return packet.PID(n), nil
	}
	return 0, fault.New(fault.Usage, "%q is not a PID from %d to %d", text, m2ts.MinPID, m2ts.MaxPID)
}

func checkPID(pid packet.PID) error {
	if pid < m2ts.MinPID || pid > m2ts.MaxPID {
		return fault.New(fault.Usage, "%d is not a PID from %d to %d", pid, m2ts.MinPID, m2ts.MaxPID)
	}
	return nil
}

// MaxAudioPIDs is how many PIDs of audio tracks a channel may choose.
const MaxAudioPIDs = int(m2ts.LastAudioPID-m2ts.FirstAudioPID) + 1

func pidList() setting.Kind[[]packet.PID] {
	one := setting.Schema{"anyOf": []setting.Schema{pid().Schema, {"type": "string", "pattern": "^[0-9a-fA-FxX, -]+$"}}}
	return setting.Kind[[]packet.PID]{
		Value: "PIDS", Values: "PIDs and ranges of them: 482,490 or 482-484",
		Schema: setting.Schema{"anyOf": []setting.Schema{one, {"type": "array", "items": one, "minItems": 1}}},
		Parse:  ParsePIDs,
		Check: func(pids []packet.PID) error {
			for _, pid := range pids {
				if err := checkPID(pid); err != nil {
					return err
				}
			}
			return nil
		},
		Format: func(pids []packet.PID) string {
			texts := make([]string, len(pids))
			for i, pid := range pids {
				texts[i] = strconv.Itoa(int(pid))
			}
			return strings.Join(texts, ",")
		},
	}
}

// ParsePIDs reads PIDs and ranges of them, as MediaLive writes them: 482,0x1ea
// or 482-498.
func ParsePIDs(text string) ([]packet.PID, error) {
	var all []packet.PID
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := parsePID(first)
		if err != nil {
			return nil, err
		}
		to, err := parsePID(last)
		if err != nil {
			return nil, err
		}
		if to < from {
			return nil, fault.New(fault.Usage, "%q is not a range: write the lower PID first", part)
		}
		for pid := from; pid <= to; pid++ {
			all = append(all, pid)
		}
		if len(all) > int(m2ts.MaxPID) {
			return nil, fault.New(fault.Usage, "%d PIDs are more than there are", len(all))
		}
	}
	return all, nil
}

// checkLayout reports the first setting that is out of bounds, or a PID that
// two streams have. The PCR may share that of the video or of an audio track,
// but not that of the PMT.
func checkLayout(l m2ts.Layout) error {
	if err := setting.Check(M2TSFields(), &l); err != nil {
		return err
	}
	if len(l.AudioPIDs) > MaxAudioPIDs {
		return fault.New(fault.Usage, "audioPids: %d are given, at most %d are taken", len(l.AudioPIDs), MaxAudioPIDs)
	}
	audio := l.AudioPIDs
	for pid := m2ts.FirstAudioPID; len(l.AudioPIDs) == 0 && pid <= m2ts.LastAudioPID; pid++ {
		audio = append(audio, pid)
	}
	l = l.WithDefaults()
	taken := map[packet.PID]string{l.PMTPID: "pmtPid"}
	take := func(pid packet.PID, key string) error {
		switch other := taken[pid]; {
		case other == key:
			return fault.New(fault.Usage, "PID %d stands in %s twice", pid, key)
		case other != "":
			return fault.New(fault.Usage, "PID %d is both %s and %s: give one of them another", pid, other, key)
		}
		taken[pid] = key
		return nil
	}
	if err := take(l.VideoPID, "videoPid"); err != nil {
		return err
	}
	for _, pid := range audio {
		if err := take(pid, "audioPids"); err != nil {
			return err
		}
	}
	if l.PCRPID == l.PMTPID {
		return fault.New(fault.Usage, "PID %d is both pmtPid and pcrPid: give one of them another", l.PMTPID)
	}
	return nil
}
