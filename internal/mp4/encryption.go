package mp4

import "io"

// EncryptedFormat returns the format of the first encrypted sample entry of the
// MP4 of size bytes in r (ISO/IEC 14496-12, 8.12), "" if there is none or r is
// not an MP4. Unlike Open it accepts tracks of any coding.
func EncryptedFormat(r io.ReaderAt, size int64) (format string) {
	moov, _, err := findMoov(newFileReader(r, size))
	if err != nil {
		return ""
	}
	_ = moov.each(0, func(trak box) error {
		stsd, found, err := trak.find("mdia", "minf", "stbl", "stsd")
		if err != nil || !found {
			return nil //nolint:nilerr // The other tracks may be in order.
		}
		return stsd.each(8, func(entry box) error {
			if format == "" && encrypted(entry.kind) {
				format = entry.kind.String()
			}
			return nil
		})
	})
	return format
}

// encrypted reports whether a sample entry's format says that its samples are encrypted.
func encrypted(format fourCC) bool { return format.is("encv", "enca", "drms", "drmi", "drmv") }
