package mp4

import "fmt"

// form is a coding that a transport stream carries and LILO knows.
type form int

const (
	unknown form = iota
	formAVC
	formHEVC
	formMPEG2 // MPEG-1 video too.
	formAAC
	formAC3
	formEAC3
	formMPA
)

// String names the form for people.
func (f form) String() string {
	switch f {
	case formAVC:
		return "H.264"
	case formHEVC:
		return "HEVC"
	case formMPEG2:
		return "MPEG video"
	case formAAC:
		return "AAC"
	case formAC3:
		return "AC-3"
	case formEAC3:
		return "E-AC-3"
	case formMPA:
		return "MPEG audio"
	case unknown:
	}
	return "unknown"
}

// formOf returns the form that a sample entry's name stands for, unknown where
// its esds box has to say or where there is none.
func formOf(format fourCC) form {
	switch string(format[:]) {
	case "avc1", "avc2", "avc3", "avc4", "dvav", "dva1":
		return formAVC
	case "hvc1", "hev1", "hvc2", "hev2", "dvh1", "dvhe":
		return formHEVC
	case "m2v1", "m1v ", "m1v1", "mpg1", "mpg2", "mp2v":
		return formMPEG2
	case "ac-3", "sac3":
		return formAC3
	case "ec-3":
		return formEAC3
	case ".mp1", ".mp2", ".mp3", "mp3 ", "ms\x00\x50", "ms\x00\x55":
		return formMPA
	default:
		return quickTimeMPEG2(string(format[:]))
	}
}

// quickTimeMPEG2 knows the families of names that QuickTime gives to HDV,
// XDCAM and IMX, which are all MPEG-2 video; the last byte is the raster.
func quickTimeMPEG2(format string) form {
	switch format[:3] {
	case "hdv", "xdv", "xd5", "xdh", "mx3", "mx4", "mx5":
		return formMPEG2
	default:
		return unknown
	}
}

// formOfObject returns the form of an objectTypeIndication (ISO/IEC 14496-1,
// table 5; the registration authority's list for AC-3).
func formOfObject(object byte) form {
	switch {
	case object >= 0x60 && object <= 0x65, object == 0x6a:
		return formMPEG2
	case object == 0x40, object >= 0x66 && object <= 0x68:
		return formAAC
	case object == 0x69, object == 0x6b:
		return formMPA
	case object == 0x21:
		return formAVC
	case object == 0x23:
		return formHEVC
	case object == 0xa5:
		return formAC3
	case object == 0xa6:
		return formEAC3
	default:
		return unknown
	}
}

// nameOfObject names an objectTypeIndication that has no form.
func nameOfObject(object byte) string {
	switch object {
	case 0x20:
		return "MPEG-4 part 2"
	case 0x6c:
		return "JPEG"
	case 0x6d:
		return "PNG"
	case 0xa9, 0xaa, 0xab, 0xac:
		return "DTS"
	case 0xad:
		return "Opus"
	case 0xb1:
		return "VP9"
	case 0xdd:
		return "Vorbis"
	case 0xe1:
		return "QCELP"
	default:
		return fmt.Sprintf("MPEG-4 object type 0x%02x", object)
	}
}

// nameOf names a sample entry's format for people.
func nameOf(format fourCC) string {
	s := string(format[:])
	switch s {
	case "av01", "dav1":
		return "AV1"
	case "vp08":
		return "VP8"
	case "vp09":
		return "VP9"
	case "vvc1", "vvi1":
		return "H.266"
	case "apch", "apcn", "apcs", "apco", "ap4h", "ap4x":
		return "Apple ProRes"
	case "AVdn", "AVdh":
		return "Avid DNxHD"
	case "mjpg", "mjpa", "mjpb", "jpeg", "MJPG":
		return "Motion JPEG"
	case "png ", "MPNG":
		return "PNG"
	case "s263", "h263", "H263":
		return "H.263"
	case "dvc ", "dvcp", "dvpp", "dv5n", "dv5p", "dvh2", "dvh3", "dvh5", "dvh6":
		return "DV"
	default:
		return nameOfSound(s)
	}
}

func nameOfSound(s string) string {
	switch s {
	case "sowt", "twos", "lpcm", "in24", "in32", "fl32", "fl64", "raw ", "NONE", "ipcm", "fpcm":
		return "PCM"
	case "alaw", "ulaw":
		return "G.711"
	case "Opus":
		return "Opus"
	case "fLaC":
		return "FLAC"
	case "alac":
		return "Apple Lossless"
	case "ac-4":
		return "AC-4"
	case "dtsc", "dtse", "dtsh", "dtsl", "dtsx":
		return "DTS"
	case "mha1", "mha2", "mhm1", "mhm2":
		return "MPEG-H audio"
	case "samr", "sawb", "sawp":
		return "AMR"
	default:
		return fmt.Sprintf("%q", s)
	}
}
