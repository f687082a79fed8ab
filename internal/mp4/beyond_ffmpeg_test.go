package mp4

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

func TestBeyondFFmpeg(t *testing.T) {
	one := recording(40).build()
	fast := (&movieSpec{tracks: []*trackSpec{edited([]editSpec{{1000, 0, 0}, {1000, 25000, 1 << 17}}, 0)}}).build()
	even := (&movieSpec{tracks: []*trackSpec{edited([]editSpec{{1000, -1, 0}, {1000, 0, 0}, {1000, 50000, 0}}, 0)}}).build()
	pause := (&movieSpec{tracks: []*trackSpec{edited([]editSpec{{1000, 0, 0}, {1000, -1, 0}, {1000, 50000, 0}}, 0)}}).build()
	at := bytes.Index(one, []byte("moov")) - 4
	ftyp, mdat, moov := one[:at], isobmff.Box("mdat", zeros(4)), one[at:at+int(binary.BigEndian.Uint32(one[at:]))]
	for name, c := range map[string]struct {
		file []byte
		end  int
		note string
	}{
		"one recording":        {one, len(one), ""},
		"two":                  {append(bytes.Clone(one), recording(20).build()...), len(one), "a second recording begins at byte "},
		"two, without ftyp":    {append(bytes.Clone(one), recording(20).build()[24:]...), len(one), "a second recording begins at byte "},
		"two, one with edits":  {append(bytes.Clone(one), fast...), len(one), "a second recording begins at byte "},
		"double speed":         {fast, len(fast), "track 1: its edit list changes the speed (edit 2 of 2), and ffmpeg plays it at normal speed: export"},
		"edits":                {even, len(even), ""},
		"a pause":              {pause, len(pause), "track 1: its edit list pauses (edit 2 of 3), and ffmpeg plays the beginning of the track there: export"},
		"two, moov at the end": {slices.Concat(ftyp, mdat, moov, ftyp, mdat, moov), len(ftyp) + len(mdat) + len(moov), "a second recording begins at byte "},
		"a copy of moov":       {slices.Concat(ftyp, moov, mdat, moov), len(ftyp) + 2*len(moov) + len(mdat), ""},
		"no MP4":               {[]byte("RIFF of another kind"), 20, ""},
		"damaged":              {append(bytes.Clone(one), 0, 0, 0, 2, 'm', 'o', 'o', 'v'), len(one) + 8, ""},
	} {
		r, size := reader(c.file)
		end, notes := BeyondFFmpeg(r, size)
		if end != int64(c.end) {
			t.Errorf("%s: ends at %d, want %d", name, end, c.end)
		}
		if c.note == "" && len(notes) > 0 || c.note != "" && (len(notes) != 1 || !strings.HasPrefix(notes[0].Text, c.note)) {
			t.Errorf("%s: notes %v, want %q", name, notes, c.note)
		}
	}
}

func FuzzBeyondFFmpeg(f *testing.F) {
	one := recording(2).build()
	f.Add(one)
	f.Add(append(bytes.Clone(one), one...))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, size := reader(file)
		if end, _ := BeyondFFmpeg(r, size); end < 0 || end > size {
			t.Errorf("ends at %d of %d", end, size)
		}
	})
}
