package mpeg4

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Headers as ffmpeg 5.1 writes them for 320x240, 25 fps: sequence, visual object, video
// object, layer and user data.
var headers = unhex("000001b0 01 000001b5 89 13 00000100 00000120 00c48d8800cd0a041e1463 000001b2 4c61766335392e33372e313030")

var (
	group       = unhex("000001b3 001027") // closed_gov
	openGroup   = unhex("000001b3 001007")
	intra       = unhex("000001b6 10 6183")
	predicted   = unhex("000001b6 51 2040")
	sequenceEnd = unhex("000001b1")
)

func TestNew(t *testing.T) {
	for name, c := range map[string][2][]byte{
		"14496-14: the headers in esds": {headers, intra},
		"in the first sample":           {nil, append(bytes.Clone(headers), intra...)},
	} {
		got, err := New(c[0], c[1])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.String() != "MPEG-4 part 2 Simple 320x240" || got.Codec() != "mp4v.20.1" || got.StreamType() != 0x10 || !bytes.Equal(got.headers, headers) {
			t.Errorf("%s: %s, %s, headers %x", name, got, got.Codec(), got.headers)
		}
	}
	divx := func(version string) []byte { return append(append(bytes.Clone(headers), 0, 0, 1, 0xb2), version...) }
	for name, c := range map[string]struct {
		config, sample []byte
		want           string
	}{
		"none":            {nil, intra, "neither esds nor the first sample"},
		"packed":          {divx("DivX503b1393p"), intra, "mpeg4_unpack_bframes"},
		"packed, in band": {headers, append(divx("DivX503b1393p"), intra...), "mpeg4_unpack_bframes"},
		"6.2.3 a shape":   {unhex("00000120 00c48d9800cd0a041e1463"), nil, "rectangular"},
		"6.2.3 it ends":   {headers[:26], nil, "rectangular"},
	} {
		if got, err := New(c.config, c.sample); fault.KindOf(err) != fault.Media || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, got, err, c.want)
		}
	}
	if _, err := New(divx("DivX503b1393"), intra); err != nil {
		t.Errorf("DivX that is not packed: %v", err)
	}
}

// 6.3.4, 6.3.5: what a picture depends on.
func TestPicture(t *testing.T) {
	c, err := New(headers, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]struct {
		sample []byte
		want   media.Picture
	}{
		"an I-VOP":               {intra, media.OpenRefresh},
		"in a closed group":      {append(bytes.Clone(group), intra...), media.Refresh},
		"in an open group":       {append(bytes.Clone(openGroup), intra...), media.OpenRefresh},
		"a P-VOP":                {predicted, media.Dependent},
		"a P-VOP in a new group": {append(bytes.Clone(group), predicted...), media.Dependent},
	} {
		if got, err := c.Picture(p.sample); err != nil || got != p.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, sample := range [][]byte{{}, {0x7f}, group, intra[:4]} {
		if _, err := c.Picture(sample); fault.KindOf(err) != fault.Media {
			t.Errorf("%x: %v", sample, err)
		}
	}
}

// 13818-1 2.11: the headers precede a random access point once, and the sequence does not end.
func TestAppendUnit(t *testing.T) {
	c, err := New(headers, nil)
	if err != nil {
		t.Fatal(err)
	}
	own := append(bytes.Clone(headers), intra...)
	for name, u := range map[string]struct {
		marks        media.Marks
		sample, want []byte
	}{
		"random access":           {media.RandomAccess, intra, own},
		"with headers of its own": {media.RandomAccess, own, own},
		"elsewhere":               {0, predicted, predicted},
		"an end of the sequence":  {media.LapEnd, append(bytes.Clone(predicted), sequenceEnd...), predicted},
	} {
		got, err := c.AppendUnit(nil, u.sample, media.Place{Marks: u.marks})
		if err != nil || !bytes.Equal(got, u.want) || len(got) > len(u.sample)+c.Extra(u.marks) {
			t.Errorf("%s: %x, %v, want %x", name, got, err, u.want)
		}
	}
	if _, err := c.AppendUnit(nil, []byte{0x7f}, media.Place{}); fault.KindOf(err) != fault.Media {
		t.Errorf("a sample without a picture: %v", err)
	}
}

func FuzzNew(f *testing.F) {
	f.Add(headers, intra)
	f.Add([]byte{}, append(bytes.Clone(headers), intra...))
	f.Fuzz(func(t *testing.T, config, sample []byte) {
		c, err := New(config, sample)
		if err != nil {
			return
		}
		_, _ = c.Picture(sample)
		if got, err := c.AppendUnit(nil, sample, media.Place{Marks: media.RandomAccess}); err == nil && len(got) > len(sample)+c.Extra(media.RandomAccess) {
			t.Errorf("%d bytes of %d", len(got), len(sample))
		}
	})
}
