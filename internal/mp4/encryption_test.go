package mp4

import "testing"

func TestEncryptedFormat(t *testing.T) {
	track := func(format string) []byte {
		return atom("trak", atom("mdia", atom("minf", atom("stbl", full("stsd", 0, 0, be32(1), atom(format, make([]byte, 8)))))))
	}
	damaged := atom("trak", atom("mdia", be32(1000, 1000)))
	for want, file := range map[string][]byte{
		"":     append(atom("ftyp"), atom("moov", full("mvhd", 0, 0), track("avc1"), track("mp4a"))...),
		"enca": append(atom("ftyp"), atom("moov", full("mvhd", 0, 0), track("avc1"), damaged, track("enca"))...),
		"encv": atom("moov", track("encv")),
	} {
		r, size := reader(file)
		if got := EncryptedFormat(r, size); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		r, _ = reader(file[:len(file)-1])
		if got := EncryptedFormat(r, size-1); got != "" {
			t.Errorf("got %q of a file that is cut off", got)
		}
	}
}

func FuzzEncryptedFormat(f *testing.F) {
	f.Add(atom("moov", atom("trak", atom("mdia", be32(0)))))
	f.Fuzz(func(_ *testing.T, file []byte) { EncryptedFormat(reader(file)) })
}
