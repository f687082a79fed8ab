package avc

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// 7.3.3, 8.2.5.4.1: what a slice takes back of pictures before its lap is left out, wherever the
// sets put it, and nothing else changes. The lap's first frame_num is 14, and the
// slices have 1 in the file: 3 frames later.
func TestDropBefore(t *testing.T) {
	const (
		cavlc    = "1 1 0 0 1 1 1 0 00 1 1 1 0 0 0 1"
		cabac    = "1 1 1 0 1 1 1 0 00 1 1 1 1 0 0 1"
		weighted = "1 1 0 0 1 010 1 1 00 1 1 1 0 0 0 1"
		bipred   = "1 1 0 1 1 1 1 0 01 1 1 1 0 0 1 1"

		own, before, last = "010 011", "010 00100", "010 010" // 3, 4 and 2 frames before this one
	)
	for name, c := range map[string]struct {
		pps, header, frame, marking, after string
		want                               string // of marking, "" if it stays
	}{
		"one of three":         {cavlc, "1 1 1", "0001 0000 0 0", "1 " + own + before + last + "1", "1", "1 " + own + last + "1"},
		"all":                  {cavlc, "1 1 1", "0001 0000 0 0", "1 " + before + before + "1", "1", "0"},
		"none":                 {cavlc, "1 1 1", "0001 0000 0 0", "1 " + own + last + "1", "1", ""},
		"sliding window":       {cavlc, "1 1 1", "0001 0000 0 0", "0", "1", ""},
		"the first picture":    {cavlc, "1 011 1", "1110 0000", "1 " + last + "1", "1", "0"},
		"long-term commands":   {cavlc, "1 1 1", "0001 0000 0 0", "1 011 1 " + before + "00100 1 010 00101 010 00111 1 1", "1", "1 011 1 00100 1 010 00101 010 00111 1 1"},
		"modifications":        {cavlc, "1 1 1", "0001 0000 1 011 1 1 010 010 1 00100", "1 " + before + "1", "1", "0"},
		"weights":              {weighted, "1 1 1", "0001 0000 1 010 0 1 1 1 1 1 1 1 1 1 1 0 0", "1 " + before + "1", "1", "0"},
		"weights of B":         {bipred, "1 010 1", "0001 0000 1 1 0 1 010 1 0 0 1 1 0 1 1 1 1 1 1 1 1 0 0 0", "1 " + before + "1", "1", "0"},
		"CABAC":                {cabac, "1 1 1", "0001 0000 0 0", "1 " + before + "1", "1 011 1 1 1", "0"},
		"CABAC, I":             {cabac, "1 011 1", "0001 0000", "1 " + before + own + "1", "011 010", "1 " + own + "1"},
		"damaged, without end": {cavlc, "1 1 1", "0001 0000 0 0", "1 " + before + "000000000", "", ""},
	} {
		base := intra{pps: c.pps, cabac: c.pps == cabac}
		sps, pps := base.sets()
		unit := func(frame, marking string) []byte {
			s := base
			s.before, s.after = c.header+frame+marking, c.after
			data := []byte{0x12, 0, 0, 1, 0xff, 0, 0, 0, 0x81}
			if c.after == "" {
				data = nil
			}
			u := s.unit("", data)
			u[0] = 0x41
			return u
		}
		want := unit(c.frame, c.marking)
		if c.want != "" {
			want = unit(c.frame, c.want)
		}
		sets := made(t, recordOpen).Sets(sample(4, sps, pps))
		got := dropBefore(append([]byte("before"), unit(c.frame, c.marking)...), len("before"), media.Place{HeadFrame: 15}, sets)
		if !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%s:\ngot  %x\nwant %x", name, got[len("before"):], want)
		}
		if in := unit(c.frame, c.marking); !bytes.Equal(dropBefore(slices.Clone(in), 0, media.Place{}, sets), in) {
			t.Errorf("%s: it changes outside of the head of a lap", name)
		}
		if name == "the first picture" || strings.HasPrefix(name, "damaged") {
			continue
		}
		// A lap later all numbers are higher by 5.
		frame := "0110" + c.frame[len("0001"):]
		want = unit(frame, c.marking)
		if c.want != "" {
			want = unit(frame, c.want)
		}
		got = dropBefore(unit(frame, c.marking), 0, media.Place{HeadFrame: 15, Count: media.Count{Frames: 5}}, sets)
		if !bytes.Equal(got, want) {
			t.Errorf("%s, counted on:\ngot  %x\nwant %x", name, got, want)
		}
	}
}

// A slice whose data would need more emulation prevention bytes where they move to
// keeps its commands.
func TestDropBeforeNeverGrows(t *testing.T) {
	s := intra{pps: "1 1 0 0 1 1 1 0 00 1 1 1 0 0 0 1", before: "1 1 1 0001 0000 0 0 1 010 00100 1", after: "1"}
	sps, pps := s.sets()
	for shift := range 8 {
		in := s
		in.after += strings.Repeat("0", shift)
		unit := in.unit("", bytes.Repeat([]byte{0x55, 0, 0, 0x40}, 20))
		unit[0] = 0x41
		got := dropBefore(slices.Clone(unit), 0, media.Place{HeadFrame: 15}, made(t, recordOpen).Sets(sample(4, sps, pps)))
		if len(got) > len(unit) {
			t.Errorf("%d bytes became %d", len(unit), len(got))
		}
		if !bytes.Equal(nal.AppendPrevented(nil, nal.AppendPayload(nil, got)), got) {
			t.Errorf("%x has a start code or a wrong emulation prevention byte", got)
		}
	}
}
