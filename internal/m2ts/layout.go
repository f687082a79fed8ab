// Package m2ts holds the layout of a transport stream: the [Layout] that a
// channel's spec chooses, MediaLive's document asks for and package mpegts
// builds, with the table of its settings. A new setting is a field of Layout, a
// row of [Fields], and what package mpegts does with it.
//
// It imports nothing of LILO but the vocabularies packet, setting and fault.
package m2ts

import (
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/setting"
)

// Bounds of a PID that a channel may choose. Those below belong to tables
// (ISO/IEC 13818-1, table 2-3; ETSI EN 300 468, table 1); those above, which
// the standards allow up to 8190, MediaLive refuses.
const (
	MinPID packet.PID = 32
	MaxPID packet.PID = 8182
)

// Layout says which PIDs, numbers and names a transport stream has and how
// often its tables come, in the words of MediaLive's M2tsSettings. A field
// that is zero has its default.
type Layout struct {
	// TransportStreamID and ProgramNum default to 1.
	TransportStreamID, ProgramNum uint16
	// PMTPID defaults to DefaultPMTPID, VideoPID to DefaultVideoPID.
	PMTPID, VideoPID packet.PID
	// PCRPID is that of the video, of an audio track, or one of its own. It
	// defaults to the video's, or to one of its own where the video's transport buffer has
	// no room for it, or to the first audio track's where there is no video.
	PCRPID packet.PID
	// AudioPIDs are those of the audio tracks, in the order of the file. They
	// default to FirstAudioPID and the following. Tracks beyond the list have the
	// PIDs after its last.
	AudioPIDs []packet.PID
	// AudioFramesPerPES is the most audio access units in a PES packet, 1 to 8. It defaults to 2.
	AudioFramesPerPES int
	// AudioStreamType is how AC-3 and E-AC-3 are announced: DVB, which is the default, or ATSC.
	AudioStreamType string
	// PCRPeriod, PATInterval, PMTInterval and SDTInterval are the longest times
	// between two of each, in whole milliseconds. They default to 35 ms, 100 ms,
	// 100 ms and 2 s; longer ones are shortened to these.
	PCRPeriod, PATInterval, PMTInterval, SDTInterval time.Duration
	// ServiceProvider is the name of the provider in the SDT. It defaults to DefaultProvider.
	ServiceProvider string
}

// Fields returns the settings of a layout: the keys of --m2ts and of the m2ts
// block, in the words of MediaLive's M2tsSettings.
func Fields() []setting.Field[Layout] {
	type row = setting.Row
	return []setting.Field[Layout]{
		setting.Of(row{Key: "programNum", Usage: "program number, in PAT and PMT", Default: "1"},
			setting.Number[uint16](1, 65535), func(l *Layout) *uint16 { return &l.ProgramNum }),
		setting.Of(row{Key: "transportStreamId", Usage: "id of the transport stream, in PAT and SDT", Default: "1", OnAWS: "MediaLive's choice"},
			setting.Number[uint16](1, 65535), func(l *Layout) *uint16 { return &l.TransportStreamID }),
		setting.Of(row{Key: "pmtPid", Usage: "PID of the PMT", Default: "480"},
			pid(), func(l *Layout) *packet.PID { return &l.PMTPID }),
		setting.Of(row{Key: "videoPid", Usage: "PID of the video", Default: "481"},
			pid(), func(l *Layout) *packet.PID { return &l.VideoPID }),
		setting.Of(row{Key: "pcrPid", Usage: "PID of the PCR: the video's, an audio track's, or one of its own", Default: "the video's, or one of its own where the video's buffer has no room", Example: "481"},
			pid(), func(l *Layout) *packet.PID { return &l.PCRPID }),
		setting.Of(row{Key: "audioPids", Usage: "PIDs of the audio tracks, in the file's order", Default: "482-498"},
			pidList(), func(l *Layout) *[]packet.PID { return &l.AudioPIDs }),
		setting.Of(row{Key: "pcrPeriod", Usage: "longest time between two PCRs; above 35 ms as 35 ms", Default: "35ms", OnAWS: "every PES packet"},
			setting.Milliseconds(10, 100), func(l *Layout) *time.Duration { return &l.PCRPeriod }),
		setting.Of(row{Key: "patInterval", Usage: "longest time between two PATs; above 100 ms as 100 ms", Default: "100ms"},
			setting.Milliseconds(10, 1000), func(l *Layout) *time.Duration { return &l.PATInterval }),
		setting.Of(row{Key: "pmtInterval", Usage: "longest time between two PMTs; above 100 ms as 100 ms", Default: "100ms"},
			setting.Milliseconds(10, 1000), func(l *Layout) *time.Duration { return &l.PMTInterval }),
		setting.Of(row{Key: "sdtInterval", Usage: "longest time between two SDTs", Default: "2s", OnAWS: "500ms", MediaLive: "dvbSdtSettings/repInterval"},
			setting.Milliseconds(25, 2000), func(l *Layout) *time.Duration { return &l.SDTInterval }),
		setting.Of(row{Key: "audioFramesPerPes", Usage: "most audio access units in a PES packet", Default: "2"},
			setting.Number(1, 8), func(l *Layout) *int { return &l.AudioFramesPerPES }),
		setting.Of(row{Key: "audioStreamType", Usage: "how AC-3 and E-AC-3 are announced: stream type 0x06 (DVB), or 0x81 and 0x87 (ATSC)", Default: DVB},
			setting.Word(DVB, ATSC), func(l *Layout) *string { return &l.AudioStreamType }),
		setting.Of(row{Key: "serviceProviderName", Usage: "provider's name in the SDT", Default: DefaultProvider, MediaLive: "dvbSdtSettings/serviceProviderName"},
			setting.Name(MaxProvider), func(l *Layout) *string { return &l.ServiceProvider }),
	}
}

// MaxProvider is the longest name of a provider in bytes. With the longest name
// of a service it fits a service_descriptor (ETSI EN 300 468, 6.2.33).
const MaxProvider = 50

// Values of AudioStreamType.
const (
	DVB  = "DVB"
	ATSC = "ATSC"
)

// Defaults of a Layout: the PIDs are those of MediaLive's M2TS output.
const (
	DefaultPMTPID   packet.PID = 480
	DefaultVideoPID packet.PID = 481
	// FirstAudioPID to LastAudioPID are those of the audio tracks, in the order of the file.
	FirstAudioPID packet.PID = 482
	LastAudioPID  packet.PID = 498

	DefaultProvider = "LILO"
)

// WithDefaults returns the layout with its defaults filled in, but for those
// that depend on the source: PCRPID, and AudioPIDs beyond the first.
func (l Layout) WithDefaults() Layout {
	fill(&l.TransportStreamID, 1)
	fill(&l.ProgramNum, 1)
	fill(&l.PMTPID, DefaultPMTPID)
	fill(&l.VideoPID, DefaultVideoPID)
	fill(&l.AudioFramesPerPES, 2)
	fill(&l.AudioStreamType, DVB)
	fill(&l.ServiceProvider, DefaultProvider)
	if len(l.AudioPIDs) == 0 {
		l.AudioPIDs = []packet.PID{FirstAudioPID}
	}
	return l
}

func fill[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

// Check reports the first setting that is out of bounds, or a PID that
// two streams have. The PCR may share that of the video or of an audio track,
// but not that of the PMT.
func (l Layout) Check() error {
	if err := setting.Check(Fields(), &l); err != nil {
		return err
	}
	if len(l.AudioPIDs) > MaxAudioPIDs {
		return fault.New(fault.Usage, "audioPids: %d are given, at most %d are taken", len(l.AudioPIDs), MaxAudioPIDs)
	}
	audio := l.AudioPIDs
	for pid := FirstAudioPID; len(l.AudioPIDs) == 0 && pid <= LastAudioPID; pid++ {
		audio = append(audio, pid)
	}
	l = l.WithDefaults()
	taken := map[packet.PID]string{l.PMTPID: "pmtPid"}
	take := func(pid packet.PID, key string) error {
		switch other := taken[pid]; {
		case other == key:
			return fault.New(fault.Usage, "PID %d is in %s twice", pid, key)
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
