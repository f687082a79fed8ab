package nal

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// letters is a syntax whose units begin with a letter: V, S, X and P are parameter sets, whose second
// byte is their number, s is a slice, d a delimiter, e an end, m a message of the record.
type letters struct{}

func (letters) Class(unit []byte) Class {
	return map[byte]Class{'V': VideoSet, 'S': SequenceSet, 'X': SequenceExtension, 'P': PictureSet, 's': Slice, 'd': Delimiter, 'e': End}[unit[0]]
}

func (letters) SetID(unit []byte) uint32 { return uint32(unit[1]) }

// Rewrite drops the unit "gone" and makes "longer" and "longest" longer.
func (letters) Rewrite(dst []byte, unit int, at media.Place, _ Sets) []byte {
	switch text := string(dst[unit:]); {
	case at.KeepES:
	case text == "gone":
		return dst[:unit]
	case text == "slonger":
		return append(dst, '!')
	case text == "slongest":
		return append(dst, "!!!"...)
	}
	return dst
}

func (letters) AppendDelimiter(dst, _ []byte) []byte { return append(dst, "\x00\x00\x00\x01d"...) }

// lengths returns a sample of units with lengths of size bytes.
func lengths(size int, units ...string) []byte {
	var b []byte
	for _, u := range units {
		b = append(b, make([]byte, size)...)
		putLength(b[len(b)-size:], len(u))
		b = append(b, u...)
	}
	return b
}

func byteStream(t *testing.T, size int, sets ...string) *ByteStream {
	t.Helper()
	r := &Record{
		Coding: "test", Box: "test", Format: Format{size, 1}, Syntax: letters{}, End: []byte("e"),
		Required: []Class{SequenceSet, PictureSet},
		RecordClass: func(unit []byte) Class {
			if unit[0] == 'm' {
				return Message
			}
			return letters{}.Class(unit)
		},
	}
	var data []byte
	for _, s := range sets {
		data = append(append(data, 0, byte(len(s))), s...)
	}
	if rest, err := r.AddArray(data, len(sets)); err != nil || len(rest) > 0 {
		t.Fatal(rest, err)
	}
	s, _, err := r.ByteStream(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shown shows a byte stream: a start code of 4 bytes as |, one of 3 as /.
func shown(b []byte) string {
	return strings.ReplaceAll(strings.ReplaceAll(string(b), "\x00\x00\x00\x01", "|"), "\x00\x00\x01", "/")
}

func TestByteStream(t *testing.T) {
	const random = media.RandomAccess
	for _, c := range []struct {
		name  string
		units []string
		at    media.Place
		want  string
		mp4   []string // the units of AppendSample, nil for the same
	}{
		{"a delimiter goes first", []string{"s1"}, media.Place{}, "|d|s1", nil},
		{"another one goes", []string{"d1", "s1", "d2"}, media.Place{}, "|d|s1|d2", nil},
		{"the sets of the record", []string{"o", "s"}, media.Place{Marks: random}, "|d|S1|P1|m|o|s", nil},
		{"the sample's own win", []string{"P1new", "m", "s"}, media.Place{Marks: random}, "|d|S1|P1new|m|s", nil},
		{"and have their order", []string{"P2", "V1", "X1", "s"}, media.Place{Marks: random}, "|d|V1|S1|X1|P1|P2|m|s", nil},
		{"the end stays", []string{"s", "e"}, media.Place{}, "|d|s|e", nil},
		{"but not at the end of a lap", []string{"s", "e"}, media.Place{Marks: media.LapEnd}, "|d|s", nil},
		{"what Rewrite drops", []string{"gone", "s"}, media.Place{}, "|d|s", []string{"s"}},
		{"behind a start code too", []string{"s\x00\x00\x01gone", "s"}, media.Place{}, "|d|s|s", []string{"s", "s"}},
		{"unless it is kept", []string{"gone", "s"}, media.Place{KeepES: true}, "|d|gone|s", nil},
		{"a byte more", []string{"slonger"}, media.Place{}, "|d/slonger!", []string{"slonger!"}},
		{"no room for more", []string{"slongest"}, media.Place{}, "|d|slongest", []string{"slongest!!!"}},
		{"nor behind a start code", []string{"s\x00\x00\x01slonger"}, media.Place{}, "|d|s/slonger", []string{"s", "slonger!"}},
	} {
		s := byteStream(t, 4, "P1", "S1", "m")
		in := lengths(4, c.units...)
		got, err := s.AppendUnit([]byte("b"), in, c.at)
		if err != nil || shown(got) != "b"+c.want || len(got)-1 > len(in)+s.Extra(c.at.Marks) {
			t.Errorf("%s: got %s, %v, want %s", c.name, shown(got), err, c.want)
		}
		if c.mp4 == nil {
			c.mp4 = c.units
		}
		if got, err = s.AppendSample([]byte("b"), in, c.at); err != nil || string(got) != "b"+string(lengths(4, c.mp4...)) {
			t.Errorf("%s: a sample becomes %q, %v", c.name, got, err)
		}
	}
}

func TestReserve(t *testing.T) {
	s := byteStream(t, 4, "S1", "P1")
	s.SetSyntax(letters{}, 3)
	if got, err := s.AppendUnit(nil, lengths(4, "slongest"), media.Place{}); err != nil || shown(got) != "|d|slongest!!!" || s.Extra(0) != 5+3 {
		t.Errorf("got %s, %v, Extra is %d", shown(got), err, s.Extra(0))
	}
}

func TestShortLengths(t *testing.T) {
	for size := 1; size <= 3; size++ {
		s := byteStream(t, size, "S1", "P1")
		in := lengths(size, "o", "s1", "s2")
		s.SetMaxUnits(s.CountUnits(in))
		got, err := s.AppendUnit(nil, in, media.Place{Marks: media.RandomAccess})
		if err != nil || shown(got) != "|d|S1|P1|o|s1|s2" || len(got) != len(in)+s.Extra(media.RandomAccess) || s.LengthSize() != size {
			t.Errorf("lengths of %d: %s, %v", size, shown(got), err)
		}
		if _, err := s.AppendUnit(nil, lengths(size, "s", "s", "s", "s"), media.Place{}); err == nil {
			t.Errorf("lengths of %d: a unit too many passes", size)
		}
	}
}

func TestSetsOfSamples(t *testing.T) {
	s := byteStream(t, 4, "S1", "P1")
	in := lengths(4, "S1", "P1new", "P2", "s")
	if s.WithSets(lengths(4, "P1", "s")) != nil || s.HasSets(lengths(4, "S1", "s", "P1")) || !s.HasSets(in) {
		t.Error("which samples have sets, and others")
	}
	next := s.WithSets(in)
	got, err := next.AppendUnit(nil, lengths(4, "s"), media.Place{Marks: media.RandomAccess})
	if err != nil || shown(got) != "|d|S1|P1new|P2|s" || string(next.FirstSet(PictureSet)) != "P1new" || string(s.FirstSet(PictureSet)) != "P1" {
		t.Errorf("got %s, %v", shown(got), err)
	}
	for want, set := range map[string][]byte{
		"P1new": s.Sets(in).Find(PictureSet, '1'), "P1": s.Sets(lengths(4, "s")).Find(PictureSet, '1'), "": s.Sets(nil).Find(PictureSet, '9'),
	} {
		if string(set) != want {
			t.Errorf("found %q, want %q", set, want)
		}
	}
}

func TestDamageOfSamples(t *testing.T) {
	s := byteStream(t, 4, "S1", "P1")
	in := slices.Concat(lengths(4, "s1", "", "\xff"), []byte{0, 0})
	got, err := s.AppendUnit(nil, in, media.Place{})
	var d *media.DamageError
	if !errors.As(err, &d) || d.Units != 3 || s.Damage(in) != *d || shown(got) != "|d|s1" || !strings.Contains(d.Error(), "3 damaged units are left out, the first one: the NAL unit at byte 6") {
		t.Errorf("got %s, %v", shown(got), err)
	}
}

func TestDamagedRecords(t *testing.T) {
	r := &Record{Coding: "test", Box: "box", Format: Format{4, 1}, Syntax: letters{}, RecordClass: letters{}.Class, Required: []Class{SequenceSet}}
	for data, want := range map[string]string{
		"\x00":       "test: the box box ends before parameter set 1 of 1",
		"\x00\x09ab": "test: the box box has a parameter set of 9 bytes where 2 are left",
	} {
		if _, err := r.AddArray([]byte(data), 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", data, err)
		}
	}
	if _, _, err := r.ByteStream(lengths(4, "s", "S1")); err == nil {
		t.Error("a stream without sets")
	}
	s, inBand, err := r.ByteStream(lengths(4, "S1", "S1", "s"))
	if err != nil || !inBand || !bytes.Equal(s.FirstSet(SequenceSet), []byte("S1")) {
		t.Errorf("%v, %v", inBand, err)
	}
}
