package encode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/isobmff"
)

// ffmpeg reads a file up to its second recording, and no file that is encrypted.
func TestInspect(t *testing.T) {
	recording := append(isobmff.Box("ftyp", []byte("isom")), isobmff.Box("moov", isobmff.FullBox("mvhd", 0, 0, make([]byte, 96)))...)
	recording = append(recording, isobmff.Box("mdat", make([]byte, 8))...)
	encrypted := isobmff.Box("moov", isobmff.Box("trak", isobmff.Box("mdia", isobmff.Box("minf", isobmff.Box("stbl",
		isobmff.FullBox("stsd", 0, 0, isobmff.Uint32(1), isobmff.Box("encv", make([]byte, 8))))))))
	path := filepath.Join(t.TempDir(), "in, of mine.mp4")
	for name, c := range map[string]struct {
		file    []byte
		address string
		notes   int
		err     string
	}{
		"one":       {recording, "file:" + path, 0, ""},
		"two":       {slices.Concat(recording, recording), "subfile,,start,0,end,144,,:" + path, 1, ""},
		"no MP4":    {[]byte("another format"), "file:" + path, 0, ""},
		"encrypted": {encrypted, "", 0, "it is encrypted (encv)"},
	} {
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		address, notes, err := inspect(path)
		if address != c.address || len(notes) != c.notes {
			t.Errorf("%s: %q, %v", name, address, notes)
		}
		if c.err == "" && err != nil || c.err != "" && (fault.KindOf(err) != fault.Media || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
	}
	for address, protocols := range map[string]string{"file:subfile,x": "file", "subfile,,start,0,end,9,,:x": "subfile,file"} {
		if args := inputArgs(address); args[1] != protocols || args[len(args)-1] != address {
			t.Errorf("%q: %q", address, args)
		}
	}
}
