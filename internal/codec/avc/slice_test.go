package avc

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// bitsOf returns the bytes of a string of bits, whose last byte is filled with zeros.
func bitsOf(s string) []byte {
	s = strings.ReplaceAll(s, " ", "")
	out := make([]byte, (len(s)+7)/8)
	for i, b := range s {
		out[i/8] |= byte(b-'0') << (7 - i%8)
	}
	return out
}

// TestNoOutputOfPriorPics checks slices of IDR pictures as 7.3.3 has them: the flag
// goes wherever the sets put it, and nothing else changes.
func TestNoOutputOfPriorPics(t *testing.T) {
	const (
		profile     = "01001101 00000000 00001010" // Main, level 1
		size        = "010 0 0001011 0001001 "     // one reference, 11x9 macroblocks
		progressive = size + "1 1 0 0 1"
		interlaced  = size + "0 0 1 0 0 1"
		plain       = "1 1 0 0 1 1 1 0 00 1 1 1 0 0 0 1"
	)
	sps := func(fields string) []byte { return append([]byte{0x67}, bitsOf(profile+" 1 "+fields)...) }
	pps := func(fields string) []byte { return append([]byte{0x68}, bitsOf(fields)...) }
	for _, c := range []struct {
		name          string
		sps, pps      []byte
		before, after string // the slice header around the flag
	}{
		{"type 0", sps("1 1 1 " + progressive), pps(plain), "1 011 1 0000 1 0000", "0 1011"},
		{"type 0 with 5 bits and 6", sps("010 1 00101 " + progressive), pps(plain), "1 0001000 1 00000 00111 11000000", "1 1011"},
		{"type 1", sps("1 010 0 1 1 1 " + progressive), pps(plain), "1 011 1 0000 1 00101", "0 1"},
		{"type 1, no deltas", sps("1 010 1 1 1 1 " + progressive), pps(plain), "1 011 1 0000 1", "0 1"},
		{"type 2", sps("1 011 " + progressive), pps(plain), "00111 011 1 0000 010", "0 1"},
		{"a field", sps("1 1 1 " + interlaced), pps(plain), "1 011 1 0000 1 0 1 0000", "0 1"},
		{"a frame with an order for its bottom field", sps("1 1 1 " + interlaced), pps("1 1 0 1 1 1 1 0 00 1 1 1 0 0 0 1"), "1 011 1 0000 0 1 0000 010", "0 1"},
		{"redundant pictures", sps("1 1 1 " + progressive), pps("1 1 0 0 1 1 1 0 00 1 1 1 0 0 1 1"), "1 011 1 0000 1 0000 1", "0 1"},
		{"slice groups", sps("1 1 1 " + progressive), pps("1 1 0 0 010 011 1 1 1 1 0 00 1 1 1 0 0 1 1"), "1 011 1 0000 1 0000 1", "0 1"},
		{"a start code would appear", sps("1 1 0001101 " + progressive), pps(plain), "1 011 1 0000 1" + strings.Repeat("0", 16), strings.Repeat("0", 20) + "1"},
	} {
		unit := func(flag string) []byte {
			return append([]byte{0x65}, nal.AppendPrevented(nil, bitsOf(c.before+flag+c.after+"1"))...)
		}
		coding := made(t, recordOpen)
		in := sample(4, c.sps, c.pps, unit("1"), unit("1"))
		got, err := coding.AppendUnit(nil, in, media.Place{})
		want := append(slices.Clone(startDelimiter), stream(c.sps, c.pps, unit("0"), unit("0"))...)
		if len(unit("0")) > len(unit("1")) {
			want = append(slices.Clone(startDelimiter), stream(c.sps, c.pps)...)
			for range 2 {
				want = append(append(want, 0, 0, 1), unit("0")...)
			}
		}
		if err != nil || !bytes.Equal(got, want) || len(got) > len(in)+coding.Extra(0) {
			t.Errorf("%s: %v\ngot  %x\nwant %x", c.name, err, got, want)
		}
		got, err = coding.AppendSample(nil, in, media.Place{})
		if err != nil || !bytes.Equal(got, sample(4, c.sps, c.pps, unit("0"), unit("0"))) {
			t.Errorf("%s: a sample becomes %x, %v", c.name, got, err)
		}
	}
}
