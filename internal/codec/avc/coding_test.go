package avc

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	mp4ff "github.com/Eyevinn/mp4ff/avc"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

func made(t testing.TB, record string) *Coding {
	t.Helper()
	c, err := New(unhex(record), sample(4, unitSPS, unitPPS, unitIDR))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name, record, want string
		buffer             media.Buffer
	}{
		{"avc1", recordOpen, "H.264 High@1.3 322x242", media.Buffer{Leak: 768 * 1500 * 6 / 5, Size: 2000 * 1200 / 8}},
		{"avc3", recordEmpty, "H.264 High@1.3 322x242", media.Buffer{Leak: 768 * 1500 * 6 / 5, Size: 2000 * 1200 / 8}},
		{"E.1.2 NAL HRD", recordHRD, "H.264 High@1.3 322x242", media.Buffer{Leak: 800_000 * 6 / 5, Size: 900_000 / 8}},
		{"7-21 field cropping", recordInterlaced, "H.264 High@2.1 322x244", media.Buffer{Leak: 4000 * 1500 * 6 / 5, Size: 4000 * 1200 / 8}},
		{"table A-2 4:2:2", record422, "H.264 High 4:2:2@1.3 322x242", media.Buffer{Leak: 768 * 4800 * 6 / 5, Size: 2000 * 1200 / 8}},
	} {
		got := made(t, c.record)
		if got.String() != c.want || leakAndSize(got) != c.buffer || got.StreamType() != 0x1b || got.SegmentFormat() != media.AnySegmentFormat || got.LengthSize() != 4 || got.Descriptors() != nil {
			t.Errorf("%s: got %s, %+v", c.name, got, got.Buffer())
		}
	}
}

func TestNewRefuses(t *testing.T) {
	open := unhex(recordOpen)
	tiny := slices.Clone(open)
	copy(tiny[8:], unhex("6742000ad900000000")) // An SPS of zeros behind its head.
	for _, c := range []struct {
		name           string
		record, sample []byte
		want           string
	}{
		{"no record", nil, nil, "H.264: the avcC box has 0 bytes, wanted 7 or more, or a version other than 1: the file is damaged; get it again or encode it (--encode avc)"},
		{"14496-15 5.3.3.1 cut in a set", open[:20], nil, "has a parameter set of 27 bytes where 12 are left"},
		{"14496-15 5.3.3.1 cut before a set", append(slices.Clone(open[:5]), 0xe2, 0, 1, 0x67, 0), nil, "ends before parameter set 2 of 2"},
		{"14496-15 5.3.3 nothing anywhere", unhex(recordEmpty), sample(4, unitIDR), "H.264: decoding needs parameter sets, and neither avcC nor the first sample has all: encode it (--encode avc)"},
		{"14496-15 5.3.3 no picture set", unhex(recordEmpty), sample(4, unitSPS, unitIDR), "neither avcC nor the first sample has all"},
		{"14496-15 5.3.3 behind the slice", unhex(recordEmpty), sample(4, unitIDR, unitSPS, unitPPS), "neither avcC nor the first sample has all"},
		{"avc3 with a damaged sample", unhex(recordEmpty), []byte{0, 0, 1}, "H.264: decoding needs parameter sets"},
		{"7.3.2.1.1 cut", unhex("0142000affe100046742000a01000168"), nil, "H.264: the sequence parameter set is damaged (4 bytes, picture of"},
	} {
		_, err := New(c.record, c.sample)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Media {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

// TestParametersAgree compares what we read with what mp4ff reads.
func TestParametersAgree(t *testing.T) {
	for _, record := range []string{recordOpen, recordHRD, recordInterlaced, record422} {
		r, err := mp4ff.DecodeAVCDecConfRec(unhex(record))
		if err != nil {
			t.Fatal(err)
		}
		want, err := mp4ff.ParseSPSNALUnit(r.SPSnalus[0], true)
		if err != nil {
			t.Fatal(err)
		}
		got := made(t, record).sps
		if got.profile != want.Profile || got.level != want.Level || got.width != int(want.Width) || got.height != int(want.Height) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if h := want.VUI.NalHrdParameters; h != nil {
			e := h.CpbEntries[len(h.CpbEntries)-1]
			if got.hrd.BitRate != int64(e.BitRateValueMinus1+1)<<(6+h.BitRateScale) || got.hrd.CPBSize != int64(e.CpbSizeValueMinus1+1)<<(4+h.CpbSizeScale) {
				t.Errorf("got %+v, want %+v", got.hrd, h)
			}
		}
	}
}

// TestEndlessSchedules holds a parameter set of 16 bytes that announces 20
// million schedules: reading them all is how a small file takes all memory.
func TestEndlessSchedules(t *testing.T) {
	b := bitWriter{}
	for _, field := range [][2]uint64{{0x67, 8}, {66, 8}, {0, 8}, {30, 8}} {
		b.put(field[0], int(field[1]))
	}
	for _, v := range []uint64{0, 0, 2, 1} {
		b.golomb(v)
	}
	b.put(0, 1)
	b.golomb(10)
	b.golomb(10)
	b.put(0b1101, 4)   // frame_mbs_only_flag to vui_parameters_present_flag.
	b.put(0b000001, 6) // nal_hrd_parameters_present_flag
	b.golomb(20_000_000)
	b.put(0, 8)
	got, err := parseSPS(b.bytes)
	if err != nil || got.width != 176 || got.hrd != (nal.Schedule{}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestRareFields reads 4:4:4 with scaling lists, one of them ended early, and
// picture order count type 1, beside mp4ff.
func TestRareFields(t *testing.T) {
	b := bitWriter{}
	b.put(0x67f4001e, 32)
	for _, v := range []uint64{0, 3} {
		b.golomb(v)
	}
	b.put(0, 1) // separate_colour_plane_flag
	b.golomb(2)
	b.golomb(2)
	b.put(0b01, 2) // seq_scaling_matrix_present_flag
	for list := range 12 {
		b.put(uint64(list)&1, 1)
		for i := 0; list&1 == 1 && i < 16 && (list != 3 || i == 0); i++ {
			b.golomb(map[bool]uint64{false: uint64(i & 1), true: 16}[list == 3]) // A delta of −8 leads to 0.
		}
		for i := 16; list&1 == 1 && list > 6 && i < 64; i++ {
			b.golomb(uint64(1 + i&1))
		}
	}
	for _, v := range []uint64{0, 1} {
		b.golomb(v)
	}
	b.put(0, 1)
	for _, v := range []uint64{3, 4, 2, 5, 6, 4} {
		b.golomb(v)
	}
	b.put(0, 1)
	b.golomb(119)
	b.golomb(33)
	b.put(0b0_0_1_1, 4) // Fields, cropped.
	for _, v := range []uint64{1, 2, 3, 1} {
		b.golomb(v)
	}
	b.put(0b1_1_11111111, 10)
	b.put(0x00280021, 32)
	b.put(0b0_0_0_0_1, 5)
	b.golomb(0)
	b.put(0x11, 8)
	b.golomb(999)
	b.golomb(1999)
	b.put(0xfffff, 21)
	b.put(0b0_0_0_0_1, 5)
	want, err := mp4ff.ParseSPSNALUnit(b.bytes, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseSPS(b.bytes)
	if err != nil || got.width != int(want.Width) || got.height != int(want.Height) || got.width != 1917 {
		t.Errorf("got %+v, %v, want %dx%d", got, err, want.Width, want.Height)
	}
	if e := want.VUI.NalHrdParameters.CpbEntries[0]; got.hrd != (nal.Schedule{BitRate: int64(e.BitRateValueMinus1+1) << 7, CPBSize: int64(e.CpbSizeValueMinus1+1) << 5}) {
		t.Errorf("got %+v, want %+v", got.hrd, e)
	}
}

type bitWriter struct {
	bytes []byte
	n     int
}

func (b *bitWriter) put(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[b.n/8] |= byte(v>>i&1) << (7 - b.n%8)
		b.n++
	}
}

func (b *bitWriter) golomb(v uint64) {
	n := 0
	for v+1 >= 2<<n {
		n++
	}
	b.put(0, n)
	b.put(v+1, n+1)
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		name string
		sps  sps
		want string
		rate int64
	}{
		{"table A-1 level 1", sps{profile: 66, level: 10}, "Baseline@1.0 0x0", 64},
		{"A.3.1 level 1b", sps{profile: 66, level: 11, constraints: 0x50}, "Constrained Baseline@1b 0x0", 128},
		{"A.3.1 level 1b of High", sps{profile: 100, level: 9}, "High@1b 0x0", 128},
		{"A.3.2 set3 means intra only", sps{profile: 110, level: 11, constraints: 0x10}, "High 10 Intra@1.1 0x0", 192},
		{"table A-1 level 4.1", sps{profile: 77, level: 41}, "Main@4.1 0x0", 50_000},
		{"table A-1 level 5.2", sps{profile: 100, level: 52}, "High@5.2 0x0", 240_000},
		{"table A-1 level 6.2", sps{profile: 244, level: 62}, "High 4:4:4 Predictive@6.2 0x0", 800_000},
		{"no such level", sps{profile: 99, level: 0}, "profile 99@0.0 0x0", 800_000},
	} {
		if got := c.sps.String(); got != c.want || c.sps.limits().rate != c.rate {
			t.Errorf("%s: got %s, %+v", c.name, got, c.sps.limits())
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
		{"13818-1 2.14.1: a delimiter goes first", [][]byte{unitP}, 0, [][]byte{unitP}},
		{"7.4.1.2.3: the sample's own goes", [][]byte{unitDelimiter, unitP}, 0, [][]byte{unitP}},
		{"7.4.1.2.3: that of the second field stays", [][]byte{unitDelimiter, unitP, unitDelimiter, unitB}, 0, [][]byte{unitP, unitDelimiter, unitB}},
		{"14496-15 5.3.3: sets of the record", [][]byte{unitSEI, unitIDR}, random, [][]byte{unitSPS, unitPPS, unitSEI, unitIDR}},
		{"no sets but at random access", [][]byte{unitIDR}, media.LapEnd, [][]byte{unitIDR}},
		{"14496-15 5.4.5: sets of the sample", [][]byte{unitSPS, unitPPS, unitIDR}, random, [][]byte{unitSPS, unitPPS, unitIDR}},
		{"the sample's other contents win", [][]byte{unitSPSOther, unitPPS, unitIDR}, random, [][]byte{unitSPSOther, unitPPS, unitIDR}},
		{"only the sequence set", [][]byte{unitSEI, unitSPS, unitIDR}, random, [][]byte{unitSPS, unitPPS, unitSEI, unitIDR}},
		{"only the picture set", [][]byte{unitPPS, unitIDR}, random, [][]byte{unitSPS, unitPPS, unitIDR}},
		{"sets elsewhere stay in place", [][]byte{unitSEI, unitPPS, unitP}, 0, [][]byte{unitSEI, unitPPS, unitP}},
		{"sets behind a slice stay in place", [][]byte{unitSPS, unitIDR, unitPPS, unitP}, random, [][]byte{unitSPS, unitPPS, unitIDR, unitPPS, unitP}},
		{"7.4.1.2.5: ends go", [][]byte{unitP, unitEndSeq, unitEndStream}, media.LapEnd, [][]byte{unitP}},
		{"no units", nil, 0, nil},
	} {
		checkAppend(t, made(t, recordOpen), c.name, sample(4, c.units...), c.marks, append(slices.Clone(startDelimiter), stream(c.want...)...))
	}
}

func checkAppend(t *testing.T, c *Coding, name string, sample []byte, marks media.Marks, want []byte) {
	t.Helper()
	got, err := c.AppendUnit([]byte("before"), sample, media.Place{Marks: marks})
	if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
		t.Errorf("%s: got %x, %v\nwant %x", name, got, err, want)
	}
}

func TestLengthSizes(t *testing.T) {
	for size := 1; size <= 4; size++ {
		record := unhex(recordOpen)
		record[4] = 0xfc | byte(size-1)
		c, err := New(record, nil)
		if err != nil || c.LengthSize() != size {
			t.Fatal(c.LengthSize(), err)
		}
		in := sample(size, unitSEI, unitP, unitB)
		n := c.CountUnits(in)
		if n != 3 {
			t.Errorf("lengths of %d bytes: counted %d", size, n)
		}
		c.SetMaxUnits(n)
		want := append(slices.Clone(startDelimiter), stream(unitSEI, unitP, unitB)...)
		checkAppend(t, c, "14496-15 5.3.3.1", in, 0, want)
		if len(want) != len(in)+c.Extra(0) {
			t.Errorf("lengths of %d bytes: Extra is %d, grew by %d", size, c.Extra(0), len(want)-len(in))
		}
		_, err = c.AppendUnit(nil, sample(size, unitSEI, unitP, unitB, unitB), media.Place{})
		if (err == nil) != (size == 4) {
			t.Errorf("lengths of %d bytes: one unit too many: %v", size, err)
		}
	}
}

// TestDamage checks that what no decoder can use is left out and told, and the rest is carried.
func TestDamage(t *testing.T) {
	c := made(t, recordOpen)
	in := slices.Concat(sample(4, unitSEI, nil, unitP), []byte{0, 1, 0, 0, 9})
	for _, marks := range []media.Marks{0, media.RandomAccess, media.LapEnd} {
		want := slices.Concat(startDelimiter, stream(unitSEI, unitP))
		if marks == media.RandomAccess {
			want = slices.Concat(startDelimiter, stream(unitSPS, unitPPS, unitSEI, unitP))
		}
		got, err := c.AppendUnit(nil, in, media.Place{Marks: marks})
		var d *media.DamageError
		if !errors.As(err, &d) || d.Units != 2 || d.Text != "the NAL unit at byte 18 of the sample has no bytes" || !bytes.Equal(got, want) {
			t.Errorf("got %x, %v", got, err)
		}
	}
	got, err := c.AppendSample(nil, in, media.Place{})
	var d *media.DamageError
	if !errors.As(err, &d) || !bytes.Equal(got, sample(4, unitSEI, unitP)) || c.Damage(in) != *d {
		t.Errorf("a sample becomes %x, %v", got, err)
	}
}

// TestStartCodesInside checks that units behind one length, and samples that are
// byte streams, are carried as players read them.
func TestStartCodesInside(t *testing.T) {
	c := made(t, recordOpen)
	for name, in := range map[string][]byte{
		"in one length": sample(4, slices.Concat(unitSEI, []byte{0, 0, 1}, unitIDR)),
		"at its start":  sample(4, slices.Concat([]byte{0, 0, 0, 1}, unitSEI, []byte{0, 0, 1}, unitIDR)),
		"a byte stream": stream(unitSEI, unitIDR),
		"with zeros":    append(stream(unitSEI, unitIDR), 0, 0, 0),
		"short codes":   slices.Concat([]byte{0, 0, 1}, unitSEI, []byte{0, 0, 1}, unitIDR),
	} {
		for marks := range media.Marks(media.AllMarks + 1) {
			checkSize(t, c, in, marks)
		}
		got, err := c.AppendUnit(nil, in, media.Place{Marks: media.RandomAccess})
		if err != nil || !slices.EqualFunc(split(got), [][]byte{unitDelimiter7, unitSPS, unitPPS, unitSEI, unitIDR}, bytes.Equal) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
		if got, err = c.AppendSample(nil, in, media.Place{}); err != nil || !bytes.Equal(got, sample(4, unitSEI, unitIDR)) {
			t.Errorf("%s: a sample becomes %x, %v", name, got, err)
		}
		if p, err := c.Picture(in); p != media.Refresh || err != nil {
			t.Errorf("%s: picture %d, %v", name, p, err)
		}
	}
}

// TestWithSets checks that what a sample says of its parameter sets holds afterwards.
func TestWithSets(t *testing.T) {
	c := made(t, recordOpen)
	if same, other := c.WithSets(sample(4, unitSPS, unitPPS, unitIDR)); other || same != c {
		t.Error("the same sets change the coding")
	}
	if !c.HasSets(sample(4, unitSPS, unitPPS, unitIDR)) || c.HasSets(sample(4, unitSPS, unitIDR, unitPPS)) || c.HasSets(nil) {
		t.Error("a sample has its own sets if all are before the slice")
	}
	after, other := c.WithSets(sample(4, unitSEI, unitSPSOther, unitIDR))
	if !other || after.String() == c.String() {
		t.Fatalf("%v, %v", after, other)
	}
	for coding, sps := range map[media.VideoCoding][]byte{c: unitSPS, after: unitSPSOther} {
		got, err := coding.AppendUnit(nil, sample(4, unitIDR), media.Place{Marks: media.RandomAccess})
		if want := slices.Concat(startDelimiter, stream(sps, unitPPS, unitIDR)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %x, %v, want %x", got, err, want)
		}
	}
	if _, other := c.WithSets(sample(4, unitSPSOther[:6])); other {
		t.Error("a damaged set changes the coding")
	}
}

// split splits a byte stream without emulation at its start codes.
func split(b []byte) [][]byte {
	var units [][]byte
	for _, unit := range bytes.Split(b, []byte{0, 0, 1})[1:] {
		units = append(units, bytes.TrimRight(unit, "\x00"))
	}
	return units
}

func TestPicture(t *testing.T) {
	for _, c := range []struct {
		name  string
		units [][]byte
		want  media.Picture
	}{
		{"table 7-1: type 5", [][]byte{unitSPS, unitPPS, unitIDR}, media.Refresh},
		{"14496-15: an IDR field with its P field", [][]byte{unitIDR, unitP}, media.Refresh},
		{"D.2.8: recovery_frame_cnt 0", [][]byte{unitRecovery, unitP}, media.RecoveryPoint},
		{"D.2.8: recovery_frame_cnt 0, second message", [][]byte{unitBoth, unitP}, media.RecoveryPoint},
		{"D.2.8: recovery_frame_cnt 22", [][]byte{unitGradual, unitP}, media.GradualRefresh},
		{"table 7-6: slice_type 7", [][]byte{unitSEI, unitI, unitI}, media.IntraOnly},
		{"table 7-6: slice_type 7 and 5", [][]byte{unitI, unitP}, media.Dependent},
		{"table 7-6: slice_type 5", [][]byte{unitP}, media.Dependent},
		{"table 7-6: slice_type 6", [][]byte{unitB}, media.Dependent},
		{"no slice", [][]byte{unitRecovery}, media.Dependent},
		{"nothing", nil, media.Dependent},
	} {
		got, err := made(t, recordOpen).Picture(sample(4, c.units...))
		if got != c.want || err != nil {
			t.Errorf("%s: got %d, %v", c.name, got, err)
		}
	}
}

// The first bytes of a sample either say what all of them say, or nothing.
func TestPeek(t *testing.T) {
	c := made(t, recordOpen)
	for _, units := range [][][]byte{
		{unitSPS, unitPPS, unitIDR}, {unitRecovery, unitP}, {unitGradual, unitP}, {unitSEI, unitI, unitI}, {unitI, unitP}, {unitSEI, unitP}, {unitB},
	} {
		whole := sample(4, units...)
		want, _ := c.Picture(whole)
		sure := false
		for n := range len(whole) + 1 {
			got, ok := c.Peek(whole[:n])
			if ok && got != want {
				t.Errorf("%x: %d bytes say %d, all say %d", whole, n, got, want)
			}
			sure = sure || ok
		}
		if sure == (want == media.IntraOnly) { // A further slice might not be intra.
			t.Errorf("%x is sure: %v", whole, sure)
		}
	}
}

// TestExtraIsEnough appends random lists of units everywhere.
func TestExtraIsEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	units := [][]byte{
		unitSPS, unitPPS, unitSEI, unitRecovery, unitDelimiter, unitIDR, unitI, unitP, unitB, unitEndSeq, unitEndStream, unitSPSOther,
	}
	for range 20_000 {
		size := 1 + r.IntN(4)
		record := unhex(recordOpen)
		record[4] = 0xfc | byte(size-1)
		c, err := New(record, nil)
		if err != nil {
			t.Fatal(err)
		}
		var list [][]byte
		for range r.IntN(8) {
			list = append(list, units[r.IntN(len(units))])
		}
		c.SetMaxUnits(len(list))
		checkExtra(t, c, sample(size, list...), media.Marks(r.IntN(media.AllMarks+1)))
	}
}

func checkExtra(t *testing.T, c *Coding, in []byte, marks media.Marks) {
	t.Helper()
	got, err := c.AppendUnit(nil, in, media.Place{Marks: marks})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) > len(in)+c.Extra(marks) {
		t.Fatalf("%x at %d grew by %d, Extra is %d", in, marks, len(got)-len(in), c.Extra(marks))
	}
	if bytes.Count(got, startDelimiter) != 1 || !bytes.HasPrefix(got, startDelimiter) {
		t.Fatalf("%x at %d became %x", in, marks, got)
	}
}

func TestAppendUnitDoesNotAllocate(t *testing.T) {
	c := made(t, recordOpen)
	buf := make([]byte, 0, 1<<10)
	for _, in := range [][]byte{sample(4, unitSEI, unitIDR, unitIDR), sample(4, unitPPS, unitIDR)} {
		if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(buf, in, media.Place{Marks: media.RandomAccess}) }); n != 0 {
			t.Errorf("AppendUnit allocates %v times", n)
		}
		if n := testing.AllocsPerRun(100, func() { _, _ = c.Picture(in) }); n != 0 {
			t.Errorf("Picture allocates %v times", n)
		}
	}
}

func BenchmarkAppendUnit(b *testing.B) {
	c := made(b, recordOpen)
	in := sample(4, unitSEI, append(slices.Clone(unitIDR), make([]byte, 25_000)...))
	buf := make([]byte, 0, 1<<16)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.AppendUnit(buf, in, media.Place{Marks: media.RandomAccess})
	}
}

// leakAndSize is what the cases tell of the buffer; the rest follows from it.
func leakAndSize(c *Coding) media.Buffer {
	return media.Buffer{Leak: c.Buffer().Leak, Size: c.Buffer().Size}
}

// 2.14.3.1: Rbx is that of the level, and MB makes up for what EB lacks of the level's.
func TestMultiplexBuffer(t *testing.T) {
	for name, c := range map[string]struct {
		sps  sps
		want media.Buffer
	}{
		"Main@3.1":                {sps{profile: 77, level: 31}, media.Buffer{Leak: 20_160_000, Size: 2_100_000, Drain: 16_800_000, Mux: 11_200}},
		"High@4.0":                {sps{profile: 100, level: 40}, media.Buffer{Leak: 36_000_000, Size: 3_750_000, Drain: 24_000_000, Mux: 16_000}},
		"High@3.1, 8 Mb/s, 4 Mb":  {sps{profile: 100, level: 31, hrd: nal.Schedule{BitRate: 8_000_000, CPBSize: 4_000_000}}, media.Buffer{Leak: 9_600_000, Size: 500_000, Drain: 16_800_000, Mux: 1_611_200}},
		"an HRD of 64 bit/s":      {sps{profile: 77, level: 31, hrd: nal.Schedule{BitRate: 64, CPBSize: 16_384}}, media.Buffer{Leak: 20_160_000, Size: 2_100_000, Drain: 16_800_000, Mux: 11_200}},
		"a CPB of two bytes":      {sps{profile: 77, level: 31, hrd: nal.Schedule{BitRate: 8_000_000, CPBSize: 16}}, media.Buffer{Leak: 20_160_000, Size: 2_100_000, Drain: 16_800_000, Mux: 11_200}},
		"Baseline@1.2, 2 Mb/s MB": {sps{profile: 66, level: 12}, media.Buffer{Leak: 552_960, Size: 150_000, Drain: 460_800, Mux: 1333}},
	} {
		if got := c.sps.buffer(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// 14496-15 E.2: profile_idc, the constraint flags and level_idc.
func TestCodec(t *testing.T) {
	c := made(t, recordOpen)
	if width, height := c.Size(); c.Codec() != "avc1.64000d" || width != 322 || height != 242 {
		t.Errorf("%s of %dx%d", c.Codec(), width, height)
	}
}

// D.2.8: broken_link_flag follows recovery_frame_cnt and exact_match_flag.
func TestBrokenLink(t *testing.T) {
	c := made(t, recordOpen)
	for name, s := range map[string]struct {
		sample []byte
		want   bool
	}{
		"broken_link_flag":        {sample(4, unhex("060601e480"), unitP), true},
		"a second unit":           {sample(4, unitSEI, unhex("060601e480"), unitP), true},
		"none":                    {sample(4, unitRecovery, unitP), false},
		"another message":         {sample(4, unitSEI, unitP), false},
		"a message that is short": {sample(4, []byte{6, 6, 1}, unitP), false},
	} {
		if got := c.BrokenLink(nil, s.sample); got != s.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
