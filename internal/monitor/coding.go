package monitor

// coding is how an elementary stream is coded, as far as it is measured.
type coding int

const (
	codingOther coding = iota
	codingMPEG1Video
	codingMPEG2Video
	codingMPEG4Video
	codingH264
	codingHEVC
	codingMPEGAudio
	codingADTS
	codingLATM
	codingAC3
	codingEAC3
	codingOpus
	codingDTS
)

// codingOf returns the coding of a stream by its entry in the PMT
// (ISO/IEC 13818-1, table 2-34; ETSI EN 300 468, annex D; ATSC A/53).
func codingOf(e pmtEntry) coding {
	if e.streamType == 0x06 { // Private data, which DVB tells apart by descriptors.
		switch d := e.descriptors; {
		case hasDescriptor(d, 0x7a, ""), hasDescriptor(d, 0x05, "EAC3"):
			return codingEAC3
		case hasDescriptor(d, 0x6a, ""), hasDescriptor(d, 0x05, "AC-3"):
			return codingAC3
		case hasDescriptor(d, 0x05, "Opus"):
			return codingOpus
		case hasDescriptor(d, 0x7b, ""), hasDescriptor(d, 0x05, "DTS1"), hasDescriptor(d, 0x05, "DTS2"), hasDescriptor(d, 0x05, "DTS3"):
			return codingDTS
		}
	}
	return map[byte]coding{
		0x01: codingMPEG1Video, 0x02: codingMPEG2Video, 0x10: codingMPEG4Video, 0x1b: codingH264, 0x24: codingHEVC,
		0x03: codingMPEGAudio, 0x04: codingMPEGAudio, 0x0f: codingADTS, 0x11: codingLATM, 0x81: codingAC3, 0x87: codingEAC3, 0x82: codingDTS,
	}[e.streamType]
}

func (c coding) video() bool { return c >= codingMPEG1Video && c <= codingHEVC }
func (c coding) audio() bool { return c >= codingMPEGAudio }

// String names the coding for people.
func (c coding) String() string {
	return [...]string{
		"data", "MPEG-1 video", "MPEG-2 video", "MPEG-4 part 2", "H.264", "HEVC", "MPEG audio", "AAC (ADTS)", "AAC (LATM)", "AC-3", "E-AC-3", "Opus", "DTS",
	}[c]
}
