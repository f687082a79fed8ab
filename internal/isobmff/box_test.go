package isobmff

import (
	"bytes"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"
)

// TestReadByMP4ff has another implementation read what this package writes.
func TestReadByMP4ff(t *testing.T) {
	for _, handler := range []string{Video, Audio} {
		entry := Box("avc1", make([]byte, 78))
		if handler == Audio {
			entry = Box("mp4a", make([]byte, 28))
		}
		minf := MediaInformation(handler, Box("stbl", SampleDescription(entry)))
		b, err := mp4.DecodeBox(0, bytes.NewReader(Box("mdia", HandlerBox(handler), minf)))
		if err != nil {
			t.Fatal(err)
		}
		mdia := b.(*mp4.MdiaBox)
		if mdia.Hdlr.HandlerType != handler || mdia.Hdlr.Name != "LILO" {
			t.Errorf("handler %q of %q", mdia.Hdlr.HandlerType, mdia.Hdlr.Name)
		}
		if (mdia.Minf.Vmhd != nil) != (handler == Video) || (mdia.Minf.Smhd != nil) != (handler == Audio) {
			t.Errorf("%s has the media header of the other", handler)
		}
		if url := mdia.Minf.Dinf.Dref.Children[0].(*mp4.URLBox); url.Flags != 1 {
			t.Errorf("%s: the samples lie in another file", handler)
		}
		if got := mdia.Minf.Stbl.Stsd.SampleCount; got != 1 {
			t.Errorf("%s: %d sample entries", handler, got)
		}
	}
}

func TestFields(t *testing.T) {
	want := []byte{0, 0, 0, 31, 'x', 'x', 'x', 'x', 1, 0, 0, 2, 0xff, 0xff, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 'e', 'n', 'd'}
	if got := FullBox("xxxx", 1, 2, Uint16(-1, 3), Uint32(int64(4)), Uint64(5), []byte("end")); !bytes.Equal(got, want) {
		t.Errorf("% x\nwant\n% x", got, want)
	}
}

func TestPackLanguage(t *testing.T) {
	for code, want := range map[string]int{"und": 0x55c4, "deu": 0x10b5, "": 0x55c4, "de": 0x55c4, "DEU": 0x55c4, "d{u": 0x55c4} {
		if got := PackLanguage(code); got != want {
			t.Errorf("%q: %#x, want %#x", code, got, want)
		}
	}
}
