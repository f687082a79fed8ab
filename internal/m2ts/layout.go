// Package m2ts holds the layout of a transport stream: the [Layout] that a
// channel's spec chooses, MediaLive's document asks for and package mpegts
// builds. It imports nothing of LILO but package packet.
package m2ts

import (
	"time"

	"github.com/lilo-live/lilo/internal/packet"
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
	// defaults to the video's, or to the first audio track's where there is no video.
	PCRPID packet.PID
	// AudioPIDs are those of the audio tracks, in the order of the file. They
	// default to FirstAudioPID and those behind it. Tracks beyond the list have
	// the PIDs behind its last.
	AudioPIDs []packet.PID
	// AudioFramesPerPES is the most audio access units in a PES packet, 1 to 8. It defaults to 2.
	AudioFramesPerPES int
	// PCRPeriod, PATInterval, PMTInterval and SDTInterval are the longest times
	// between two of each, in whole milliseconds. They default to 35 ms, 100 ms,
	// 100 ms and 2 s; longer ones are shortened to these.
	PCRPeriod, PATInterval, PMTInterval, SDTInterval time.Duration
	// ServiceProvider is the name of the provider in the SDT. It defaults to DefaultProvider.
	ServiceProvider string
}

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
