package channel

import "time"

// M2TS is how the transport stream is laid out, in the words of MediaLive's
// M2tsSettings. What is zero or empty has the default that package mpegts gives it.
type M2TS struct {
	// TransportStreamID and ProgramNum are 1 to 65535.
	TransportStreamID, ProgramNum int
	// PMTPID, VideoPID and PCRPID are 32 to 8190. The PCR's is the video's by default.
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
