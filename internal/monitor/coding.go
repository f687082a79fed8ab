package monitor

// coding is what an elementary stream is coded in, as far as it is measured.
type coding int

const (
	codingOther coding = iota
	codingMPEG1Video
	codingMPEG2Video
	codingH264
	codingHEVC
	codingMPEGAudio
	codingADTS
	codingLATM
	codingAC3
	codingEAC3
)

// codingOf tells the coding of a stream from its entry in the PMT
// (ISO/IEC 13818-1, table 2-34; ETSI EN 300 468, annex D; ATSC A/53).
func codingOf(e entry) coding {
	switch e.streamType {
	case 0x01:
		return codingMPEG1Video
	case 0x02:
		return codingMPEG2Video
	case 0x1b:
		return codingH264
	case 0x24:
		return codingHEVC
	case 0x03, 0x04:
		return codingMPEGAudio
	case 0x0f:
		return codingADTS
	case 0x11:
		return codingLATM
	case 0x81:
		return codingAC3
	case 0x87:
		return codingEAC3
	case 0x06:
		return privateCoding(e.descriptors)
	default:
		return codingOther
	}
}

// privateCoding tells a DVB stream of type 6 by its descriptors.
func privateCoding(descriptors []byte) coding {
	switch {
	case hasDescriptor(descriptors, 0x7a, ""), hasDescriptor(descriptors, 0x05, "EAC3"):
		return codingEAC3
	case hasDescriptor(descriptors, 0x6a, ""), hasDescriptor(descriptors, 0x05, "AC-3"):
		return codingAC3
	default:
		return codingOther
	}
}

func (c coding) video() bool { return c >= codingMPEG1Video && c <= codingHEVC }
func (c coding) audio() bool { return c >= codingMPEGAudio }

// String names the coding for people.
func (c coding) String() string {
	switch c {
	case codingMPEG1Video:
		return "MPEG-1 video"
	case codingMPEG2Video:
		return "MPEG-2 video"
	case codingH264:
		return "H.264"
	case codingHEVC:
		return "HEVC"
	case codingMPEGAudio:
		return "MPEG audio"
	case codingADTS:
		return "AAC (ADTS)"
	case codingLATM:
		return "AAC (LATM)"
	case codingAC3:
		return "AC-3"
	case codingEAC3:
		return "E-AC-3"
	default:
		return "data"
	}
}
