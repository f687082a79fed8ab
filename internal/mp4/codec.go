package mp4

import "fmt"

// codec is a coding that LILO carries in a transport stream.
type codec int

const (
	codecUnknown codec = iota
	codecAVC
	codecHEVC
	codecMPEG2 // and MPEG-1 video
	codecMPEG4 // part 2
	codecAAC
	codecAC3
	codecEAC3
	codecMPA // MPEG-1 and MPEG-2 audio
	codecOpus
	codecDTS
)

// String returns the codec's name for people.
func (c codec) String() string {
	return [...]string{"unknown", "H.264", "HEVC", "MPEG video", "MPEG-4 part 2", "AAC", "AC-3", "E-AC-3", "MPEG audio", "Opus", "DTS"}[c]
}

func (c codec) audio() bool { return c >= codecAAC }

// codecOfFormat returns the codec of a sample entry's format, codecUnknown if
// an esds box has to say or LILO does not carry it.
func codecOfFormat(format fourCC) codec {
	switch string(format[:]) {
	case "avc1", "avc2", "avc3", "avc4", "dvav", "dva1":
		return codecAVC
	case "hvc1", "hev1", "hvc2", "hev2", "dvh1", "dvhe":
		return codecHEVC
	case "m2v1", "m1v ", "m1v1", "mpg1", "mpg2", "mp2v":
		return codecMPEG2
	case "ac-3", "sac3":
		return codecAC3
	case "ec-3":
		return codecEAC3
	case "dtsc", "dtse", "dtsh", "dtsl", "DTS ":
		return codecDTS
	case "Opus":
		return codecOpus
	case ".mp1", ".mp2", ".mp3", "mp3 ", "ms\x00\x50", "ms\x00\x55":
		return codecMPA
	}
	// QuickTime's HDV, XDCAM and IMX are MPEG-2 video; the last byte is the raster.
	switch string(format[:3]) {
	case "hdv", "xdv", "xd5", "xdh", "mx3", "mx4", "mx5":
		return codecMPEG2
	}
	return codecUnknown
}

// codecOfObjectType returns the codec of an objectTypeIndication (ISO/IEC
// 14496-1, table 5; for AC-3 the list of the MP4 registration authority).
func codecOfObjectType(object byte) codec {
	switch {
	case object >= 0x60 && object <= 0x65, object == 0x6a:
		return codecMPEG2
	case object == 0x20:
		return codecMPEG4
	case object == 0x40, object >= 0x66 && object <= 0x68:
		return codecAAC
	case object == 0x69, object == 0x6b:
		return codecMPA
	case object == 0x21:
		return codecAVC
	case object == 0x23:
		return codecHEVC
	case object >= 0xa9 && object <= 0xac:
		return codecDTS
	case object == 0xa5:
		return codecAC3
	case object == 0xa6:
		return codecEAC3
	default:
		return codecUnknown
	}
}

// objectTypeName returns the name of an objectTypeIndication without a codec.
func objectTypeName(object byte) string {
	names := map[byte]string{0x6c: "JPEG", 0x6d: "PNG", 0xad: "Opus", 0xb1: "VP9", 0xdd: "Vorbis", 0xe1: "QCELP"}
	if name := names[object]; name != "" {
		return name
	}
	return fmt.Sprintf("MPEG-4 object type 0x%02x", object)
}

// formatName returns the name of a sample entry's format without a codec.
func formatName(format fourCC) string {
	for _, f := range []struct {
		name    string
		formats []string
	}{
		{"AV1", []string{"av01", "dav1"}},
		{"VP8", []string{"vp08"}},
		{"VP9", []string{"vp09"}},
		{"H.266", []string{"vvc1", "vvi1"}},
		{"Apple ProRes", []string{"apch", "apcn", "apcs", "apco", "ap4h", "ap4x"}},
		{"Avid DNxHD", []string{"AVdn", "AVdh"}},
		{"Motion JPEG", []string{"mjpg", "mjpa", "mjpb", "jpeg", "MJPG"}},
		{"PNG", []string{"png ", "MPNG"}},
		{"H.263", []string{"s263", "h263", "H263"}},
		{"DV", []string{"dvc ", "dvcp", "dvpp", "dv5n", "dv5p", "dvh2", "dvh3", "dvh5", "dvh6"}},
		{"PCM", []string{"sowt", "twos", "lpcm", "in24", "in32", "fl32", "fl64", "raw ", "NONE", "ipcm", "fpcm"}},
		{"G.711", []string{"alaw", "ulaw"}},
		{"FLAC", []string{"fLaC"}},
		{"Apple Lossless", []string{"alac"}},
		{"AC-4", []string{"ac-4"}},
		{"DTS:X", []string{"dtsx"}},
		{"MPEG-H audio", []string{"mha1", "mha2", "mhm1", "mhm2"}},
		{"AMR", []string{"samr", "sawb", "sawp"}},
	} {
		if format.is(f.formats...) {
			return f.name
		}
	}
	return fmt.Sprintf("%q", string(format[:]))
}
