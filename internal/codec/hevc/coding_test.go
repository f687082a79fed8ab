package hevc

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	mp4ff "github.com/Eyevinn/mp4ff/hevc"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

func made(t testing.TB, sps []byte) *Coding {
	t.Helper()
	c, err := New(record(4, unitVPS, sps, unitPPS), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name   string
		sps    []byte
		want   string
		buffer media.Buffer
	}{
		{"table A.8 Main", unitSPS, "HEVC Main@2.0 322x242", media.Buffer{Leak: 1500 * 1100, Size: 1500 * 1100 / 8}},
		{"E.2.2 NAL HRD", unitSPSHRD, "HEVC Main 10@2.0 322x242", media.Buffer{Leak: 800_000 * 11 / 10, Size: 900_000 / 8}},
		{"table A.10 4:2:2", unitSPS422, "HEVC Main 4:2:2 10@2.0 322x242", media.Buffer{Leak: 1500 * 1833, Size: 1500 * 1833 / 8}},
		{"7.3.4 scaling lists, E.2.1 everything", unitSPSTools, "HEVC Main@4.1 416x238", media.Buffer{Leak: 800_000 * 11 / 10, Size: 900_000 / 8}},
		{"7.3.3 sub-layers", layeredSPS(), "HEVC Main@4.0 high tier 1920x1080", media.Buffer{Leak: 3002 << 8 * 11 / 10, Size: 6002 << 9 / 8}},
	} {
		got := made(t, c.sps)
		if got.String() != c.want || leakAndSize(got) != c.buffer || got.StreamType() != 0x24 || got.SegmentFormat() != media.FragmentedMP4 || got.LengthSize() != 4 {
			t.Errorf("%s: got %s, %+v", c.name, got, got.Buffer())
		}
		if string(got.Descriptors()) != "\x05\x04HEVC" {
			t.Errorf("%s: got %x", c.name, got.Descriptors())
		}
	}
}

func TestNewRefuses(t *testing.T) {
	whole := record(4, unitVPS, unitSPS, unitPPS)
	for _, c := range []struct {
		name           string
		record, sample []byte
		want           string
	}{
		{"no record", nil, nil, "HEVC: the hvcC box has 0 bytes, wanted 23 or more, or a version other than 1: the file is damaged; get it again or encode it (--encode avc)"},
		{"14496-15 8.3.3.1 cut in a set", whole[:40], nil, "has a parameter set of 24 bytes where 12 are left"},
		{"14496-15 8.3.3.1 cut before an array", whole[:52], nil, "ends before array 2 of 3"},
		{"14496-15 8.3.3.1 cut before a set", whole[:55], nil, "ends before parameter set 1 of 1"},
		{"14496-15 8.3.2 nothing anywhere", record(4), sample(4, unitIDR), "HEVC: decoding needs parameter sets, and neither hvcC nor the first sample has all: encode it (--encode avc)"},
		{"14496-15 8.3.2 no picture set", record(4, unitVPS, unitSPS), nil, "has all"},
		{"hev1 with a damaged sample", record(4), []byte{0, 0, 1}, "HEVC: decoding needs parameter sets"},
		{"7.3.2.2.1 cut", record(4, unitVPS, unitSPS[:20], unitPPS), nil, "HEVC: the sequence parameter set is damaged (20 bytes, picture of"},
	} {
		_, err := New(c.record, c.sample)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Media {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

// TestParametersAgree compares what we read with what mp4ff reads.
func TestParametersAgree(t *testing.T) {
	for _, unit := range [][]byte{unitSPS, unitSPSHRD, unitSPS422, unitSPSTools, layeredSPS()} {
		want, err := mp4ff.ParseSPSNALUnit(unit)
		if err != nil {
			t.Fatal(err)
		}
		got := made(t, unit).sps
		width, height := want.ImageSize()
		if got.width != int(width) || got.height != int(height) || got.level != uint32(want.ProfileTierLevel.GeneralLevelIDC) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if h := want.VUI.HrdParameters; h != nil {
			list := h.SubLayerHrd[len(h.SubLayerHrd)-1].NalHrdParameters
			e := list[len(list)-1]
			if got.hrd.BitRate != int64(e.BitRateValueMinus1+1)<<(6+h.BitRateScale) || got.hrd.CPBSize != int64(e.CpbSizeValueMinus1+1)<<(4+h.CpbSizeScale) {
				t.Errorf("got %+v, want %+v", got.hrd, h)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		name string
		sps  sps
		want string
		rate int64
		size int64
	}{
		{"table A.8 level 1", sps{profile: 1, level: 30}, "Main@1.0 0x0", 128, 350},
		{"table A.9 level 3.1 has one tier", sps{profile: 1, level: 93, highTier: true}, "Main@3.1 high tier 0x0", 10_000, 10_000},
		{"table A.9 level 5.1", sps{profile: 2, level: 153}, "Main 10@5.1 0x0", 40_000, 40_000},
		{"table A.9 level 5.1 high", sps{profile: 2, level: 153, highTier: true}, "Main 10@5.1 high tier 0x0", 160_000, 160_000},
		{"table A.9 level 6.2 high", sps{profile: 3, level: 186, highTier: true}, "Main Still Picture@6.2 high tier 0x0", 800_000, 800_000},
		{"no such level", sps{profile: 20, level: 0}, "profile 20@0.0 0x0", 240_000, 240_000},
		{"A.3 compatibility flag 2", sps{compatible: 1 << 29, level: 120}, "Main 10@4.0 0x0", 12_000, 12_000},
		{"A.3.5 4:4:4 12", sps{profile: 4, chroma: 3, depth: 12, level: 120}, "Main 4:4:4 12@4.0 0x0", 12_000, 12_000},
	} {
		rate, size := c.sps.limit()
		if got := c.sps.String(); got != c.want || rate != c.rate || size != c.size {
			t.Errorf("%s: got %s, %d, %d", c.name, got, rate, size)
		}
	}
}

func TestAppendUnit(t *testing.T) {
	const random = media.RandomAccess
	for _, c := range []struct {
		name  string
		units [][]byte
		marks media.Marks
		want  [][]byte
	}{
		{"13818-1 2.17.1: a delimiter goes first", [][]byte{unitTrail}, 0, [][]byte{unitTrail}},
		{"7.4.2.4.4: the sample's own goes", [][]byte{unitDelimiter, unitTrail}, 0, [][]byte{unitTrail}},
		{"14496-15 8.3.2: sets of the record", [][]byte{unitIDR}, random, [][]byte{unitVPS, unitSPS, unitPPS, unitLight, unitIDR}},
		{"sets of the sample", [][]byte{unitVPS, unitSPS, unitPPS, unitIDR}, random, [][]byte{unitVPS, unitSPS, unitPPS, unitLight, unitIDR}},
		{"the message of the sample", [][]byte{unitLight, unitIDR}, random, [][]byte{unitVPS, unitSPS, unitPPS, unitLight, unitIDR}},
		{"the sample's other contents win", [][]byte{unitSPSHRD, unitIDR}, random, [][]byte{unitVPS, unitSPSHRD, unitPPS, unitLight, unitIDR}},
		{"sets in the wrong order", [][]byte{unitPPS, unitSPS, unitVPS, unitIDR}, random, [][]byte{unitVPS, unitSPS, unitPPS, unitLight, unitIDR}},
		{"7.4.2.4.4: one end is enough", [][]byte{unitTrail, unitEndSeq, unitEndStream}, 0, [][]byte{unitTrail, unitEndSeq}},
		{"8.1.3: none at the end of a lap", [][]byte{unitTrail, unitEndSeq}, media.LapEnd, [][]byte{unitTrail}},
		{"C.5.2.2: a CRA picture stays one", [][]byte{unhex("2a01affb")}, 0, [][]byte{unhex("2a01affb")}},
		{"C.5.2.2: at the start of a lap it is a BLA picture", [][]byte{unhex("2a01affb"), unhex("2a012ffb")}, media.LapStart, [][]byte{unhex("2201affb"), unhex("22012ffb")}},
		{"C.5.2.2: BLA_W_LP there too", [][]byte{unhex("2001affb")}, media.LapStart, [][]byte{unhex("2201affb")}},
		{"C.5.2.2: IDR stays IDR", [][]byte{unhex("2601affb")}, media.LapStart, [][]byte{unhex("2601affb")}},
		{"C.5.2.2: no_output_of_prior_pics_flag", [][]byte{unhex("2801effb"), unhex("28016ffb")}, 0, [][]byte{unhex("2801affb"), unhex("28012ffb")}},
		{"C.5.2.2: no_output_of_prior_pics_flag of a CRA picture", [][]byte{unhex("2a01effb")}, media.LapStart, [][]byte{unhex("2201affb")}},
		{"7.3.6.1: other pictures have no such flag", [][]byte{unhex("0201effb")}, media.LapStart, [][]byte{unhex("0201effb")}},
		{"7.3.6.1: no slice header", [][]byte{unhex("2801")}, 0, [][]byte{unhex("2801")}},
		{"an end in the file stays", [][]byte{unitTrail, unitEndSeq}, 0, [][]byte{unitTrail, unitEndSeq}},
		{"the end of the bitstream becomes one of the sequence", [][]byte{unitTrail, unitEndStream}, 0, [][]byte{unitTrail, unitEndSeq}},
		{"no units", nil, 0, nil},
	} {
		coding, err := New(record(4, unitLight, unitPPS, unitSPS, unitVPS, unitSettings, unitSPS), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := append(slices.Clone(startDelimiter), stream(c.want...)...)
		got, err := coding.AppendUnit([]byte("before"), sample(4, c.units...), media.Place{Marks: c.marks})
		if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%s: got %x, %v\nwant %x", c.name, got, err, want)
		}
	}
}

// TestDelimiterLayer checks 7.4.2.2: a delimiter has the TemporalId of its access unit.
func TestDelimiterLayer(t *testing.T) {
	got, err := made(t, unitSPS).AppendUnit(nil, sample(4, unitTSA), media.Place{})
	want := append(unhex("00000001460350"), stream(unitTSA)...)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v", got, err)
	}
}

func TestLengthSizes(t *testing.T) {
	for size := 1; size <= 4; size++ {
		c, err := New(record(size, unitVPS, unitSPS, unitPPS), nil)
		if err != nil || c.LengthSize() != size {
			t.Fatal(c.LengthSize(), err)
		}
		in := sample(size, unitLight, unitTrail)
		n := c.CountUnits(in)
		if n != 2 {
			t.Errorf("lengths of %d bytes: counted %d", size, n)
		}
		c.SetMaxUnits(n)
		got, err := c.AppendUnit(nil, in, media.Place{Marks: media.RandomAccess | media.LapEnd})
		if err != nil || len(got) != len(in)+c.Extra(media.RandomAccess|media.LapEnd) {
			t.Errorf("lengths of %d bytes: Extra is %d, grew by %d, %v", size, c.Extra(0), len(got)-len(in), err)
		}
		_, err = c.AppendUnit(nil, sample(size, unitLight, unitTrail, unitTrail), media.Place{})
		if (err == nil) != (size == 4) {
			t.Errorf("lengths of %d bytes: one unit too many: %v", size, err)
		}
	}
}

// TestDamage checks that what no decoder can use is left out and told, and the rest is carried.
func TestDamage(t *testing.T) {
	c := made(t, unitSPS)
	in := append(sample(4, unitTrail), 0, 0, 0, 1, 2)
	got, err := c.AppendUnit(nil, in, media.Place{Marks: media.LapEnd})
	var d *media.DamageError
	if !errors.As(err, &d) || d.Units != 1 || d.Text != "the NAL unit at byte 14 of the sample has 1 bytes, its header alone takes 2" ||
		!bytes.Equal(got, slices.Concat(startDelimiter, stream(unitTrail))) {
		t.Errorf("got %x, %v", got, err)
	}
}

func TestPicture(t *testing.T) {
	for _, c := range []struct {
		name  string
		units [][]byte
		want  media.Picture
	}{
		{"table 7-1: IDR_N_LP", [][]byte{unitVPS, unitLight, unitIDR}, media.Refresh},
		{"table 7-1: IDR_W_RADL", [][]byte{unhex("2601af1d")}, media.Refresh},
		{"table 7-1: CRA_NUT", [][]byte{unitCRA}, media.OpenRefresh},
		{"table 7-1: BLA_W_LP", [][]byte{unitBLA}, media.OpenRefresh},
		{"table 7-1: BLA_N_LP", [][]byte{unhex("2401af1d")}, media.OpenRefresh},
		{"table 7-1: RADL_N", [][]byte{unitRADL}, media.DecodableLeading},
		{"table 7-1: RADL_R", [][]byte{unhex("0e01af1d")}, media.DecodableLeading},
		{"table 7-1: RASL_R", [][]byte{unitRASL}, media.Dependent},
		{"table 7-1: TRAIL_R", [][]byte{unitTrail}, media.Dependent},
		{"table 7-1: RSV_IRAP_VCL22", [][]byte{unhex("2c01af1d")}, media.Dependent},
		{"F.7.4.2.2: layer 0 counts", [][]byte{unitLayer1, unitCRA}, media.OpenRefresh},
		{"nothing", nil, media.Dependent},
	} {
		got, err := made(t, unitSPS).Picture(sample(4, c.units...))
		if got != c.want || err != nil {
			t.Errorf("%s: got %d, %v", c.name, got, err)
		}
	}
}

// TestExtraIsEnough appends random lists of units everywhere.
func TestExtraIsEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	units := [][]byte{
		unitVPS, unitSPS, unitPPS, unitLight, unitSPSHRD, unitDelimiter, unitIDR, unitCRA, unitTrail, unitTSA, unitEndSeq, unitEndStream,
	}
	for range 20_000 {
		size := 1 + r.IntN(4)
		c, err := New(record(size, unitVPS, unitSPS, unitPPS, unitLight), nil)
		if err != nil {
			t.Fatal(err)
		}
		var list [][]byte
		for range r.IntN(8) {
			list = append(list, units[r.IntN(len(units))])
		}
		c.SetMaxUnits(len(list))
		in, place := sample(size, list...), media.Marks(r.IntN(media.AllMarks+1))
		checkSize(t, c, in, place)
	}
}

func TestAppendUnitDoesNotAllocate(t *testing.T) {
	c := made(t, unitSPS)
	buf := make([]byte, 0, 1<<10)
	for _, in := range [][]byte{sample(4, unitLight, unitIDR), sample(4, unitPPS, unitSPS, unitIDR)} {
		if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(buf, in, media.Place{Marks: media.RandomAccess | media.LapEnd}) }); n != 0 {
			t.Errorf("AppendUnit allocates %v times", n)
		}
		if n := testing.AllocsPerRun(100, func() { _, _ = c.Picture(in) }); n != 0 {
			t.Errorf("Picture allocates %v times", n)
		}
	}
}

// leakAndSize is what the cases tell of the buffer; the rest follows from it.
func leakAndSize(c *Coding) media.Buffer {
	return media.Buffer{Leak: c.Buffer().Leak, Size: c.Buffer().Size}
}

// 14496-15 E.3: profile space, profile, compatibility, tier and level, constraints.
func TestCodec(t *testing.T) {
	for want, s := range map[string]sps{
		"1.6.L93.B0":          {profile: 1, compatible: 0x6000_0000, level: 93, constraints: 0xb0_0000_0000_00},
		"2.4.H153.90":         {profile: 2, compatible: 0x2000_0000, level: 153, highTier: true, constraints: 0x90_0000_0000_00},
		"A1.80.L93":           {space: 1, profile: 1, compatible: 0x0100_0000, level: 93},
		"4.10.L120.9F.0.0.8":  {profile: 4, compatible: 0x0800_0000, level: 120, constraints: 0x9f_0000_0800_00},
		"4.10.L120.0.0.0.0.1": {profile: 4, compatible: 0x0800_0000, level: 120, constraints: 0x00_0000_0001_00},
	} {
		if got := s.codec(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	c := made(t, unitSPS)
	if width, height := c.Size(); width != 322 || height != 242 || c.Codec() != "hvc1."+c.sps.codec() {
		t.Errorf("%s of %dx%d", c.Codec(), width, height)
	}
	inBand, err := New(record(4), sample(4, unitVPS, unitSPS, unitPPS, unitIDR))
	if err != nil || inBand.Codec() != "hvc1."+c.sps.codec() || c.Configuration() != nil {
		t.Errorf("%v, %v", inBand, err)
	}
	// 14496-15, 8.3.3.1: the record that a fragmented file gets is one from which decoding begins.
	whole, err := New(inBand.Configuration(), nil)
	if err != nil || whole.String() != c.String() || !slices.EqualFunc(slices.Collect(whole.RecordUnits()), slices.Collect(c.RecordUnits()), bytes.Equal) {
		t.Errorf("%v, %v", whole, err)
	}
	got, err := inBand.AppendSample(nil, sample(4, unitVPS, unitSPS, unitPPS, unitIDR), media.Place{})
	if err != nil || !bytes.Equal(got, sample(4, unitIDR)) {
		t.Errorf("its sample becomes %x, %v", got, err)
	}
}

// An HRD that no decoder can keep stands for none.
func TestAbsurdSchedule(t *testing.T) {
	want := (&sps{profile: 1, level: 93}).buffer()
	for _, hrd := range []nal.Schedule{{BitRate: 64, CPBSize: 16_384}, {BitRate: 8_000_000, CPBSize: 16}} {
		if got := (&sps{profile: 1, level: 93, hrd: hrd}).buffer(); got != want {
			t.Errorf("%+v: %+v, want %+v", hrd, got, want)
		}
	}
}

// 8.1.3: leading pictures of a BLA picture, and of a CRA picture after an end of sequence, cannot
// be decoded.
func TestBrokenLink(t *testing.T) {
	c := made(t, unitSPS)
	trail, ended := sample(4, unitTrail), sample(4, unitTrail, unitEndSeq)
	for name, s := range map[string]struct {
		before, sample []byte
		want           bool
	}{
		"BLA":                              {trail, sample(4, unitBLA), true},
		"CRA":                              {trail, sample(4, unitCRA), false},
		"CRA after an end of sequence":     {ended, sample(4, unitCRA), true},
		"IDR after an end of sequence":     {ended, sample(4, unitIDR), false},
		"BLA of another layer":             {trail, sample(4, unhex("2009af1d"), unitTrail), false},
		"CRA after an end of the stream":   {sample(4, unitTrail, unitEndStream), sample(4, unitCRA), true},
		"CRA with an end of sequence":      {trail, sample(4, unitCRA, unitEndSeq), false},
		"a picture behind an end, nothing": {ended, nil, false},
	} {
		if got := c.BrokenLink(s.before, s.sample); got != s.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
