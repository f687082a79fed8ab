package mp4

import (
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

func TestEncryptedFormat(t *testing.T) {
	track := func(format string) []byte {
		return isobmff.Box("trak", isobmff.Box("mdia", isobmff.Box("minf", isobmff.Box("stbl", isobmff.FullBox("stsd", 0, 0, isobmff.Uint32(1), isobmff.Box(format, make([]byte, 8)))))))
	}
	damaged := isobmff.Box("trak", isobmff.Box("mdia", isobmff.Uint32(1000, 1000)))
	for want, file := range map[string][]byte{
		"":     append(isobmff.Box("ftyp"), isobmff.Box("moov", isobmff.FullBox("mvhd", 0, 0), track("avc1"), track("mp4a"))...),
		"enca": append(isobmff.Box("ftyp"), isobmff.Box("moov", isobmff.FullBox("mvhd", 0, 0), track("avc1"), damaged, track("enca"))...),
		"encv": isobmff.Box("moov", track("encv")),
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
	f.Add(isobmff.Box("moov", isobmff.Box("trak", isobmff.Box("mdia", isobmff.Uint32(0)))))
	f.Fuzz(func(_ *testing.T, file []byte) { EncryptedFormat(reader(file)) })
}
