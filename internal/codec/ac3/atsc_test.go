package ac3

import (
	"encoding/hex"
	"testing"
)

// The descriptors of ATSC, put together by hand (A/52, tables A4.1 and G.1).
func TestATSC(t *testing.T) {
	of := func(f syncframe, m metadata) *Coding {
		s := substream{syncframe: f, metadata: m}
		return &Coding{frames: []substream{s}, programmes: programmes([]substream{s}), samples: 1536}
	}
	plain := func(fscod, acmod, bsmod, dsurmod uint8, lfe bool, frmsizecod uint8) *Coding {
		f := syncframe{format: format{bsid: 8, fscod: fscod, acmod: acmod, lfe: lfe, blocks: 6}, frmsizecod: frmsizecod}
		return of(f, metadata{bsmod: bsmod, dsurmod: dsurmod})
	}
	enhanced := syncframe{format: format{enhanced: true, bsid: 16, acmod: 7, lfe: true, blocks: 6}}
	for name, c := range map[string]struct {
		coding *Coding
		kind   byte
		want   string
	}{
		// 48 kHz, bsid 8; 448 kb/s; complete main, 3/2, full; no language; mainid 0; no text.
		"5.1, 448 kb/s": {plain(0, 7, 0, 0, true, 30), 0x81, "0504" + "41432d33" + "8107" + "08" + "3c" + "0f" + "ff" + "1f" + "01" + "3f"},
		// 32 kHz; 192 kb/s, Dolby Surround; 2/0.
		"surround, 192 kb/s": {plain(2, 2, 0, 2, false, 20), 0x81, "0504" + "41432d33" + "8107" + "48" + "2a" + "05" + "ff" + "1f" + "01" + "3f"},
		// 1+1 has a second langcod.
		"two programmes, 128 kb/s": {plain(0, 0, 0, 0, false, 16), 0x81, "0504" + "41432d33" + "8108" + "08" + "20" + "01" + "ff" + "ff" + "1f" + "01" + "3f"},
		// 44.1 kHz; a longer frame of 32 kb/s; visually impaired, mono: not full, goes with main 0.
		"description, 44.1 kHz": {plain(1, 1, 2, 0, false, 1), 0x81, "0504" + "41432d33" + "8107" + "28" + "00" + "42" + "ff" + "01" + "01" + "3f"},
		// bsid is there; full, complete main, more than two channels.
		"E-AC-3 5.1":             {of(enhanced, metadata{}), 0x87, "0504" + "45414333" + "cc03" + "c0" + "c4" + "30"},
		"E-AC-3 5.1 with mixing": {of(enhanced, metadata{mixing: true}), 0x87, "0504" + "45414333" + "cc03" + "c8" + "c4" + "30"},
	} {
		kind, got := c.coding.ATSC()
		if kind != c.kind || hex.EncodeToString(got) != c.want {
			t.Errorf("%s: stream type %#x, %x, want %#x, %s", name, kind, got, c.kind, c.want)
		}
		if size, want := c.coding.ATSCBuffer().Size, map[byte]int{0x81: 2592, 0x87: 5696}[c.kind]; size != want {
			t.Errorf("%s: a buffer of %d bytes, want %d", name, size, want)
		}
	}
}
