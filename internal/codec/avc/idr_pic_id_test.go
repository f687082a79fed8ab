package avc

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// intra is a stream of I slices: the sets, and the parts of a slice around idr_pic_id and
// before its data.
type intra struct {
	pps, before, after string
	cabac              bool
}

func (c intra) sets() (sps, pps []byte) {
	const mainProfile = "01001101 00000000 00001010 1 1 1 1 010 0 0001011 0001001 1 1 0 0 1"
	return append([]byte{0x67}, bitsOf(mainProfile)...), append([]byte{0x68}, bitsOf(c.pps)...)
}

// unit returns a slice with an idr_pic_id and data.
func (c intra) unit(id string, data []byte) []byte {
	header := []byte(strings.ReplaceAll(c.before+id+c.after, " ", ""))
	if c.cabac {
		for len(header)%8 != 0 {
			header = append(header, '1')
		}
		return append([]byte{0x65}, nal.AppendPrevented(nil, append(bitsOf(string(header)), data...))...)
	}
	for _, b := range data {
		for i := range 8 {
			header = append(header, '0'+(b>>(7-i)&1))
		}
	}
	return append([]byte{0x65}, nal.AppendPrevented(nil, bitsOf(string(header)+"1"))...)
}

// TestSeam checks that two IDR pictures where two laps meet differ in idr_pic_id (7.4.3).
func TestSeam(t *testing.T) {
	for name, c := range map[string]intra{
		"CAVLC":                 {pps: "1 1 0 0 1 1 1 0 00 1 1 1 0 0 0 1", before: "1 011 1 0000", after: "0000 00 1"},
		"CABAC":                 {pps: "1 1 1 0 1 1 1 0 00 1 1 1 0 0 0 1", before: "1 011 1 0000", after: "0000 00 00101", cabac: true},
		"CABAC with deblocking": {pps: "1 1 1 0 1 1 1 0 00 1 1 1 1 0 0 1", before: "1 011 1 0000", after: "0000 00 1 1 011 1", cabac: true},
		"CABAC, no deblocking":  {pps: "1 1 1 0 1 1 1 0 00 1 1 1 1 0 0 1", before: "1 011 1 0000", after: "0000 00 1 010", cabac: true},
	} {
		coding := made(t, recordOpen)
		sps, pps := c.sets()
		in := func(id string, data []byte) []byte { return sample(4, sps, pps, c.unit(id, data), c.unit(id, data)) }
		data := []byte{0x12, 0, 0, 1, 0xff, 0, 0, 0, 0x80}
		for _, s := range []struct{ first, before, last, want string }{
			{"1", "010", "1", "011"},   // 0, 1, 0 becomes 2
			{"010", "1", "010", "011"}, // 1, 0, 1 becomes 2: it has the same length
			{"010", "011", "010", "1"}, // 1, 2, 1 becomes 0
			{"1", "", "1", "010"},      // a picture of another kind before it, or none
		} {
			before := sample(4, unitP)
			if s.before != "" {
				before = in(s.before, data)
			}
			id, ok := coding.SeamID(in(s.first, data), before, in(s.last, data))
			got, err := coding.AppendUnit(nil, in(s.last, data), media.Place{Marks: media.Renumbered, PictureID: id + 1})
			want := slices.Concat(startDelimiter, stream(sps, pps, c.unit(s.want, data), c.unit(s.want, data)))
			if !ok || err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, %+v: id %d, %v\ngot  %x\nwant %x", name, s, id, err, got, want)
			}
		}
		if _, ok := coding.SeamID(in("1", data), nil, in("010", data)); ok {
			t.Errorf("%s: pictures that differ need no other id", name)
		}
		if _, ok := coding.SeamID(in("1", data), nil, sample(4, unitP)); ok {
			t.Errorf("%s: a P picture has no id", name)
		}
	}
}

// TestSeamKeepsToExtra moves random data by two bits: where too many emulation prevention
// bytes appear, the picture keeps its id.
func TestSeamKeepsToExtra(t *testing.T) {
	c := intra{pps: "1 1 0 0 1 1 1 0 00 1 1 1 0 0 0 1", before: "1 011 1 0000", after: "0000 00 1"}
	sps, pps := c.sets()
	coding := made(t, recordOpen)
	r := rand.New(rand.NewPCG(1, 2))
	kept, at := 0, media.Place{Marks: media.Renumbered, PictureID: 3}
	for i := range 300 {
		data := make([]byte, 1+r.IntN(2000))
		for j := range data {
			data[j] = byte(r.Uint32()&r.Uint32()) & byte(i) // From zeros to random bytes.
		}
		in := sample(4, sps, pps, c.unit("1", data))
		got, err := coding.AppendUnit(nil, in, at)
		if err != nil || len(got) > len(in)+coding.Extra(media.Renumbered) {
			t.Fatalf("%d bytes became %d, Extra is %d: %v", len(in), len(got), coding.Extra(media.Renumbered), err)
		}
		switch {
		case bytes.HasSuffix(got, c.unit("1", data)):
			kept++
		case !bytes.HasSuffix(got, c.unit("011", data)):
			t.Fatalf("data of %d bytes is damaged", len(data))
		}
	}
	if kept > 100 {
		t.Errorf("%d pictures keep their id", kept)
	}
}
