package mp4

import "io"

// EncryptedFormat returns the format of the first encrypted sample entry of the
// MP4 of size bytes in r (ISO/IEC 14496-12, 8.12), "" if there is none or r is
// not an MP4. Unlike Open it accepts tracks of any coding.
func EncryptedFormat(r io.ReaderAt, size int64) string {
	file := newSource(r, size)
	for h, err := range file.boxes() {
		if err != nil || h.cut(file) {
			return ""
		}
		if !h.kind.is("moov") {
			continue
		}
		moov, err := file.load(h)
		if err != nil {
			return ""
		}
		return encryptedTrack(moov)
	}
	return ""
}

func encryptedTrack(moov box) string {
	for trak, err := range moov.children(0) {
		if err != nil {
			return ""
		}
		stsd, found, err := trak.find("mdia", "minf", "stbl", "stsd")
		if err != nil || !found {
			continue
		}
		for entry, err := range stsd.children(8) {
			if err == nil && encrypted(entry.kind) {
				return entry.kind.String()
			}
		}
	}
	return ""
}

// encrypted reports whether a sample entry's format says that its samples are encrypted.
func encrypted(format fourCC) bool { return format.is("encv", "enca", "drms", "drmi", "drmv") }
