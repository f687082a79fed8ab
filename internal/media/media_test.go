package media

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"math/rand/v2"
	"testing"
)

// counting counts the reads of a source.
type counting struct {
	io.ReaderAt
	reads, bytes int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	c.bytes += len(p)
	return c.ReaderAt.ReadAt(p, off)
}

// laid lays out units of a size with gaps of other tracks between them.
func laid(n, size, gap int) (*Asset, *Track) {
	data := make([]byte, n*(size+gap))
	t := &Track{ID: 1, Timescale: 25}
	for i := range n {
		at := i * (size + gap)
		data[at], data[at+size-1] = byte(i), byte(i)
		t.Units = append(t.Units, NewAccessUnit(int64(at), int64(i), 0, size, i == 0))
	}
	return &Asset{Source: &counting{ReaderAt: bytes.NewReader(data)}, Size: int64(len(data))}, t
}

func TestReaderReadsStretches(t *testing.T) {
	for name, c := range map[string]struct{ size, gap, reads int }{
		"together":                {1000, 0, 7},
		"a little between them":   {10_000, 700, 67},
		"much between them":       {1000, 20_000, 400},
		"larger than one stretch": {100_000, 0, 400},
	} {
		a, track := laid(400, c.size, c.gap)
		r := NewReader(a, track, track.Units)
		for i := range track.Units {
			b, err := r.Sample(i)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) != c.size || b[0] != byte(i) || b[c.size-1] != byte(i) {
				t.Fatalf("%s: sample %d is %d bytes of %d", name, i, len(b), b[0])
			}
		}
		if got := a.Source.(*counting).reads; got != c.reads {
			t.Errorf("%s: %d reads, want %d", name, got, c.reads)
		}
	}
}

// A source that ends early is an error, one that says io.EOF with its last byte is not.
func TestReaderAtTheEnd(t *testing.T) {
	a, track := laid(10, 100, 0)
	r := NewReader(a, track, track.Units)
	if _, err := r.Sample(9); err != nil {
		t.Error(err)
	}
	a.Source = bytes.NewReader(make([]byte, 950))
	r = NewReader(a, track, track.Units)
	if _, err := r.Sample(9); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	if _, err := a.ReadUnit(track, 9, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

func TestMulDivIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		a, b, c := r.Int64()>>r.IntN(60), r.Int64()>>r.IntN(60), 1+r.Int64()>>r.IntN(60)
		if r.IntN(2) == 0 {
			a = -a
		}
		want, rest := new(big.Int), new(big.Int)
		want.DivMod(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c), rest)
		if !want.IsInt64() {
			continue
		}
		q, m := MulDivMod(a, b, c)
		if q != want.Int64() || m != rest.Int64() {
			t.Fatalf("%d·%d ÷ %d = %d rest %d, want %v rest %v", a, b, c, q, m, want, rest)
		}
		up := q
		if m > 0 {
			up++
		}
		if got := MulDivCeil(a, b, c); got != up {
			t.Fatalf("⌈%d·%d ÷ %d⌉ = %d, want %d", a, b, c, got, up)
		}
	}
}

func TestRational(t *testing.T) {
	for want, r := range map[string]Rational{
		"10.000000 s":                 {10, 1},
		"3.128000 s":                  {391, 125},
		"10.043367 s (301301/30000)":  {301_301, 30_000},
		"0.333333 s (1/3)":            {30_000, 90_000},
		"7203.849609 s (3688371/512)": {3_688_371, 512},
	} {
		if got := r.String(); got != want {
			t.Errorf("%d/%d: %q, want %q", r.Num, r.Den, got, want)
		}
	}
	if got := (Rational{1, 3}).Nanoseconds(); got != 333_333_333 {
		t.Error(got)
	}
}

func TestAccessUnitHoldsItsFields(t *testing.T) {
	u := NewAccessUnit(1<<40, -5, -3, MaxUnitSize, true)
	if u.Offset != 1<<40 || u.DTS != -5 || u.PTS() != -8 || u.Size() != MaxUnitSize || !u.RandomAccess() {
		t.Errorf("%+v", u)
	}
	for p, want := range map[Picture][2]bool{Dependent: {}, Refresh: {true, false}, GradualRefresh: {true, true}, IntraOnly: {}} {
		v := u.WithPicture(p)
		if got := [2]bool{v.RandomAccess(), v.Gradual()}; got != want || v.Size() != MaxUnitSize || v.PTS() != u.PTS() {
			t.Errorf("picture %d: %v, %+v", p, got, v)
		}
	}
}
