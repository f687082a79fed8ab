package mpeg2

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

func made(t testing.TB) *Coding {
	t.Helper()
	c, err := New(slices.Concat(sequenceCBR, extensionMain), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	intra := slices.Concat(sequenceVBR, bytes.Repeat([]byte{2}, 64))
	intra[11] |= 2
	both := slices.Concat(intra, bytes.Repeat([]byte{0x11}, 64))
	both[75] |= 1
	second := slices.Concat(sequenceVBR, bytes.Repeat([]byte{2}, 64))
	second[11] |= 1
	constrained := slices.Clone(sequenceVBR)
	copy(constrained[8:], []byte{0, 0xb4, 0x20, 20<<3 | 4}) // 288 kb/s, a vbv of 20 units.
	for _, c := range []struct {
		name           string
		config, sample []byte
		want           string
		kind           byte
		buffer         media.Buffer
		kept           int
	}{
		{"6.2.2.3 in esds", slices.Concat(sequenceCBR, extensionMain), nil, "MPEG-2 Main@Main 322x242", 2, media.Buffer{Leak: 18_000_000, Size: 112 * 2048}, 22},
		{"6.2.2.3 in the sample", nil, slices.Concat(sequenceVBR, extensionMain, groupClosed, pictureI), "MPEG-2 Main@Main 322x242", 2, media.Buffer{Leak: 18_000_000, Size: 3 * 2048, Level: 1_835_008 / 8}, 22},
		{"8.6 4:2:2", slices.Concat(sequenceVBR, extension422), nil, "MPEG-2 4:2:2@Main 322x242", 2, media.Buffer{Leak: 60_000_000, Size: 3 * 2048, Level: 9_437_184 / 8}, 22},
		{"6.2.2.3 size and vbv extensions", slices.Concat(sequenceCBR, extensionLarge), nil, "MPEG-2 Main@High 4418x4338", 2, media.Buffer{Leak: (7500 + 1<<18) * 400 * 6 / 5, Size: (2<<10 | 112) * 2048}, 22},
		{"6.2.2.4 user data goes, display stays", slices.Concat(sequenceCBR, extensionMain, userData, display), nil, "MPEG-2 Main@Main 322x242", 2, media.Buffer{Leak: 18_000_000, Size: 112 * 2048}, 34},
		{"6.2.2.1 intra matrix", slices.Concat(intra, extensionMain), nil, "MPEG-2 Main@Main 322x242", 2, media.Buffer{Leak: 18_000_000, Size: 3 * 2048, Level: 229_376}, 86},
		{"6.2.2.1 both matrices", slices.Concat(both, extensionMain), nil, "MPEG-2 Main@Main 322x242", 2, media.Buffer{Leak: 18_000_000, Size: 3 * 2048, Level: 229_376}, 150},
		{"6.2.2.1 the other matrix", slices.Concat(second, extensionMain), nil, "MPEG-2 Main@Main 322x242", 2, media.Buffer{Leak: 18_000_000, Size: 3 * 2048, Level: 229_376}, 86},
		{"11172-2 2.4.2.3", nil, slices.Concat(sequenceVBR, groupClosed, pictureI), "MPEG-1 322x242", 1, media.Buffer{Leak: 18_000_000, Size: 3 * 2048, Level: 229_376}, 12},
		{"11172-2 constrained parameters", constrained, nil, "MPEG-1 322x242", 1, media.Buffer{Leak: 1_856_000 * 6 / 5, Size: 20 * 2048}, 12},
	} {
		got, err := New(c.config, c.sample)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.String() != c.want || got.StreamType() != c.kind || got.SegmentFormat() != media.TransportStream || leakAndSize(got) != c.buffer || got.Descriptors() != nil {
			t.Errorf("%s: got %s, type %d, %+v", c.name, got, got.StreamType(), got.Buffer())
		}
		codec := map[string]string{"MPEG-1": "mp4v.6A", "MPEG-2 Main": "mp4v.61", "MPEG-2 4:2:2": "mp4v.65"}
		if profile, _, _ := strings.Cut(c.want, "@"); codec[strings.TrimSuffix(profile, " 322x242")] != got.Codec() {
			t.Errorf("6381 3.3: %s: got %s", c.name, got.Codec())
		}
		if got.Extra(media.RandomAccess) != c.kept || got.Extra(media.LapEnd) != 0 {
			t.Errorf("%s: Extra is %d", c.name, got.Extra(media.RandomAccess))
		}
	}
}

func TestNewRefuses(t *testing.T) {
	flat := slices.Clone(sequenceVBR)
	flat[4], flat[5] = 0, 0
	for _, c := range []struct {
		name           string
		config, sample []byte
		want           string
	}{
		{"nothing", nil, nil, "MPEG video: decoding needs a sequence header, and neither esds nor the first sample has one: encode it (--encode avc)"},
		{"no sequence", groupClosed, pictureI, "neither esds nor the first sample has one"},
		{"6.2.2.1 cut", sequenceVBR[:11], nil, "MPEG video: the sequence header ends after 11 bytes: the file is damaged; get it again or encode it (--encode avc)"},
		{"6.2.2.3 cut", slices.Concat(sequenceVBR, extensionMain[:8]), nil, "the sequence extension has 8 bytes, wanted 10"},
		{"6.3.3 no width", flat, nil, "gives a picture of 0x242"},
	} {
		_, err := New(c.config, c.sample)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Media {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile byte
		want    limit
	}{
		{"table 8-13", 0x58, limit{"Simple@Main", 15_000_000, 1_835_008}},
		{"table 8-13", 0x4a, limit{"Main@Low", 4_000_000, 475_136}},
		{"table 8-13", 0x46, limit{"Main@High-1440", 60_000_000, 7_340_032}},
		{"table 8-13", 0x44, limit{"Main@High", 80_000_000, 9_781_248}},
		{"table 8-13", 0x42, limit{"Main@HighP", 80_000_000, 9_781_248}},
		{"table 8-13", 0x38, limit{"SNR@Main", 15_000_000, 1_835_008}},
		{"table 8-13", 0x26, limit{"Spatial@High-1440", 60_000_000, 7_340_032}},
		{"table 8-13", 0x14, limit{"High@High", 100_000_000, 12_222_464}},
		{"8.6.7", 0x82, limit{"4:2:2@High", 300_000_000, 47_185_920}},
		{"reserved", 0x4f, limit{"Main@level 15", 300_000_000, 47_185_920}},
		{"reserved", 0x08, limit{"profile 0@Main", 300_000_000, 47_185_920}},
		{"reserved", 0x8f, limit{"profile 0x8f", 300_000_000, 47_185_920}},
	} {
		if got := (&sequence{profile: c.profile}).limit(); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestAppendUnit(t *testing.T) {
	headers := slices.Concat(sequenceCBR, extensionMain)
	for _, c := range []struct {
		name         string
		sample, want []byte
		marks        media.Marks
	}{
		{"6.2.2 no header but at random access", pictureP, pictureP, 0},
		{"6.1.1.6 a header at random access", slices.Concat(groupOpen, pictureI), slices.Concat(headers, groupOpen, pictureI), media.RandomAccess},
		{"the sample's own header", slices.Concat(sequenceVBR, extensionMain, groupOpen, pictureI), slices.Concat(sequenceVBR, extensionMain, groupOpen, pictureI), media.RandomAccess},
		{"6.2.1 the end of the sequence goes", slices.Concat(pictureB, sequenceEnd), pictureB, media.LapEnd},
		{"6.2.1 with zeros behind it", slices.Concat(pictureB, sequenceEnd, make([]byte, 9)), pictureB, 0},
		{"5.2.3 stuffing before the start code", slices.Concat(make([]byte, 9), pictureB), slices.Concat(make([]byte, 9), pictureB), 0},
		{"nothing", nil, nil, 0},
	} {
		got, err := made(t).AppendUnit([]byte("before"), c.sample, media.Place{Marks: c.marks})
		if err != nil || !bytes.Equal(got, append([]byte("before"), c.want...)) {
			t.Errorf("%s: got %x, %v", c.name, got, err)
		}
	}
	for sample, want := range map[string][]byte{"no start code": nil, "garbage" + string(pictureB): pictureB} {
		got, err := made(t).AppendUnit([]byte("before"), []byte(sample), media.Place{})
		var d *media.DamageError
		if !errors.As(err, &d) || string(got) != "before"+string(want) {
			t.Errorf("%q: got %q, %v", sample, got, err)
		}
	}
}

func TestPicture(t *testing.T) {
	for _, c := range []struct {
		name   string
		sample []byte
		want   media.Picture
	}{
		{"6.3.8 closed_gop", slices.Concat(sequenceVBR, extensionMain, groupClosed, pictureI), media.Refresh},
		{"6.3.8 no closed_gop", slices.Concat(sequenceVBR, groupOpen, userData, pictureI), media.OpenRefresh},
		{"6.3.9 I without a group", slices.Concat(sequenceVBR, pictureI), media.OpenRefresh},
		{"6.3.8 closed_gop without a sequence header", slices.Concat(groupClosed, pictureI), media.Refresh},
		{"6.1.1.6 I without a header before it", pictureI, media.IntraOnly},
		{"6.3.9 P behind a closed group", slices.Concat(groupClosed, pictureP), media.Dependent},
		{"6.3.9 B", pictureB, media.Dependent},
		{"6.1.1.4 I field, then P field", slices.Concat(sequenceVBR, groupClosed, pictureI, pictureP), media.Refresh},
	} {
		got, err := made(t).Picture(c.sample)
		if got != c.want || err != nil {
			t.Errorf("%s: got %d, %v", c.name, got, err)
		}
	}
	for _, sample := range [][]byte{nil, groupClosed, pictureI[:5], unhex("0000010123f9c2")} {
		if _, err := made(t).Picture(sample); err == nil {
			t.Errorf("%x has no picture", sample)
		}
	}
}

// TestExtraIsEnough appends random lists of headers everywhere.
func TestExtraIsEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	parts := [][]byte{sequenceCBR, extensionMain, userData, groupOpen, pictureI, pictureB, sequenceEnd, {0}}
	for range 20_000 {
		var in []byte
		for range r.IntN(8) {
			in = append(in, parts[r.IntN(len(parts))]...)
		}
		checkSize(t, made(t), in, media.Marks(r.IntN(media.AllMarks+1)))
	}
}

func checkSize(t *testing.T, c *Coding, in []byte, marks media.Marks) {
	t.Helper()
	got, err := c.AppendUnit(nil, in, media.Place{Marks: marks})
	if d := (*media.DamageError)(nil); err != nil && !errors.As(err, &d) || len(got) > len(in)+c.Extra(marks) {
		t.Fatalf("%x at %d became %x, Extra is %d: %v", in, marks, got, c.Extra(marks), err)
	}
}

func TestAppendUnitDoesNotAllocate(t *testing.T) {
	c := made(t)
	buf := make([]byte, 0, 1<<10)
	in := slices.Concat(groupClosed, pictureI)
	if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(buf, in, media.Place{Marks: media.RandomAccess}) }); n != 0 {
		t.Errorf("AppendUnit allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Picture(in) }); n != 0 {
		t.Errorf("Picture allocates %v times", n)
	}
}

// leakAndSize is what the cases tell of the buffer; the rest follows from it.
func leakAndSize(c *Coding) media.Buffer {
	return media.Buffer{Leak: c.Buffer().Leak, Size: c.Buffer().Size, Level: c.Buffer().Level}
}

// A bit_rate at which no picture would arrive says nothing, and neither does the
// vbv_buffer_size beside it.
func TestAbsurdBitRate(t *testing.T) {
	s := sequence{profile: profileMain<<4 | levelMain, bitRate: 1, vbv: 1}
	if got := s.buffer(); got.Leak != 18_000_000 || got.Size != 1_835_008/8 {
		t.Errorf("got %+v", got)
	}
}

// The sequence header gives the shape of the picture in MPEG-2, that of a pixel in MPEG-1.
func TestDisplay(t *testing.T) {
	header := func(aspect byte, extensions ...[]byte) []byte {
		h := slices.Clone(sequenceVBR)
		h[7] = h[7]&0xf | aspect<<4
		return slices.Concat(append([][]byte{h}, extensions...)...)
	}
	colors := []byte{0, 0, 1, 0xb5, 0x2b, 5, 6, 5, 0, 0, 0, 0}
	for name, c := range map[string]struct {
		data []byte
		want media.Display
	}{
		"6.3.3 square":            {header(1, extensionMain), media.Display{PixelAspect: media.Aspect{Width: 1, Height: 1}}},
		"6.3.3 16:9":              {header(3, extensionMain), media.Display{PixelAspect: media.Aspect{Width: 16 * 242, Height: 9 * 322}}},
		"6.3.3 reserved":          {header(9, extensionMain), media.Display{}},
		"11172-2 2.4.3.2 square":  {header(1), media.Display{PixelAspect: media.Aspect{Width: 1, Height: 1}}},
		"11172-2 2.4.3.2 another": {header(3), media.Display{}},
		"6.3.6 color":             {header(9, extensionMain, colors), media.Display{Color: media.Color{Primaries: 5, Transfer: 6, Matrix: 5}}},
	} {
		v, err := New(c.data, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := v.Display(); d != c.want {
			t.Errorf("%s: %+v, want %+v", name, d, c.want)
		}
	}
}

// 6.3.8: broken_link says that the B-pictures behind the first I-picture cannot be decoded. A
// closed group has none of them.
func TestBrokenLink(t *testing.T) {
	group := func(flags byte) []byte {
		g := bytes.Clone(groupOpen)
		g[7] = g[7]&^0x60 | flags
		return slices.Concat(sequenceVBR, g, pictureI)
	}
	for flags, want := range map[byte]bool{0: false, 0x20: true, 0x40: false, 0x60: false} {
		if got := made(t).BrokenLink(nil, group(flags)); got != want {
			t.Errorf("%#x: got %v", flags, got)
		}
	}
	if made(t).BrokenLink(nil, pictureI) || made(t).BrokenLink(nil, groupOpen[:5]) {
		t.Error("a sample without a group has a broken link")
	}
}
