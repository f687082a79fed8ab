package nal

import (
	"bytes"
	"iter"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// unboundedUnits is how many units a sample may hold where they were not counted:
// one for each row of macroblocks of the tallest picture, and some.
const unboundedUnits = 600

// startCode is the longer form, with zero_byte. Annex B requires it before the
// first unit of an access unit and parameter sets (ISO/IEC 14496-10, B.1.2;
// 23008-2, B.2.2) and allows it everywhere. It replaces a 4-byte length in place.
const startCode = "\x00\x00\x00\x01"

// ByteStream turns the samples of a track into access units of a byte stream
// (annex B) as a transport stream carries them. It is immutable once SetMaxUnits has been called.
type ByteStream struct {
	media.VideoDefaults
	record    *Record
	delimiter int    // length of the delimiter with start code
	end       []byte // the end of sequence with start code, nil if the coding does without
	units     int    // most units in a sample, for lengths shorter than start codes
	reserve   int    // bytes by which what Rewrite does may make a sample longer
	dropSets  bool
	prefix    []byte // all parameter sets with start codes, in order
}

// LengthSize is the number of bytes of the length before each NAL unit, 1 to 4.
func (s *ByteStream) LengthSize() int { return s.record.Format.LengthSize }

// Units iterates over the NAL units of a sample.
func (s *ByteStream) Units(sample []byte) Units { return s.record.Format.Units(sample) }

// Head iterates over the NAL units at the beginning of a sample.
func (s *ByteStream) Head(head []byte) Units { return s.record.Format.Head(head) }

// CountUnits returns how many NAL units a sample holds, for SetMaxUnits.
func (s *ByteStream) CountUnits(sample []byte) int {
	u := s.Units(sample)
	for u.Next() {
	}
	return u.number
}

// Damage returns what AppendUnit leaves out of a sample.
func (s *ByteStream) Damage(sample []byte) media.DamageError {
	u := s.Units(sample)
	for u.Next() {
	}
	return u.damage
}

// SetSyntax replaces the syntax of the units by one that may make a sample so many bytes
// longer. Call it before the stream is shared.
func (s *ByteStream) SetSyntax(syntax Syntax, reserve int) {
	r := *s.record
	r.Syntax = syntax
	s.record, s.reserve = &r, reserve
}

// HasSets reports whether a sample has all sorts of parameter sets that decoding needs
// before its first slice.
func (s *ByteStream) HasSets(sample []byte) bool {
	own := &Record{Syntax: s.record.Syntax, Format: s.record.Format, Required: s.record.Required}
	own.addSample(sample)
	return own.complete()
}

// WithSets returns the byte stream with the parameter sets that a sample holds, nil if it has
// the same.
func (s *ByteStream) WithSets(sample []byte) *ByteStream {
	r := *s.record
	if !r.replaceSets(sample) {
		return nil
	}
	next := &ByteStream{record: &r, delimiter: s.delimiter, end: s.end, units: s.units, reserve: s.reserve, dropSets: s.dropSets}
	next.setPrefix()
	return next
}

// FirstSet returns the first parameter set of a class.
func (s *ByteStream) FirstSet(c Class) []byte { return s.record.First(c) }

// RecordUnits iterates over the parameter sets and messages of the record, in the order of their classes.
func (s *ByteStream) RecordUnits() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range s.record.sets {
			if !yield(s.record.sets[i].unit) {
				return
			}
		}
	}
}

// DropSets makes AppendSample leave out parameter sets that the record has. Call it before
// the stream is shared.
func (s *ByteStream) DropSets() { s.dropSets = true }

func (s *ByteStream) setPrefix() {
	for _, each := range s.record.sets {
		s.prefix = appendUnit(s.prefix, each.unit)
	}
}

// SetMaxUnits declares that samples have at most n NAL units, so that Extra is
// exact for a LengthSize below 4: each unit grows by 4 − LengthSize. Call it
// before the stream is shared.
func (s *ByteStream) SetMaxUnits(n int) { s.units = max(n, 0) }

// MaxUnits returns what SetMaxUnits declared.
func (s *ByteStream) MaxUnits() int { return s.units }

// Extra is the most bytes by which AppendUnit makes a sample longer: the
// delimiter, the parameter sets at a random access point, and longer start codes.
func (s *ByteStream) Extra(marks media.Marks) int {
	n := s.delimiter + s.reserve + s.units*(len(startCode)-s.LengthSize())
	if marks&media.RandomAccess != 0 {
		n += len(s.prefix)
	}
	return n
}

// AppendUnit appends a sample as one access unit: a delimiter, at a random access
// point the parameter sets that the sample does not have itself, the sample's
// units as Syntax.Rewrite has them, and the end of sequence that it ends with, except
// at the end of a lap: what follows resets the decoder. On an error it returns dst
// unchanged.
//
// The sample's own delimiter is dropped; one after its first slice stays, since it
// begins the second field of a frame.
func (s *ByteStream) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	start := len(dst)
	slice, hasSets := s.inspect(sample)
	dst = slices.Grow(dst, len(sample)+s.Extra(at.Marks))
	dst = s.record.Syntax.AppendDelimiter(dst, slice)
	random := at.Marks&media.RandomAccess != 0
	switch {
	case random && hasSets:
		dst = s.appendSets(dst, sample)
	case random:
		dst = append(dst, s.prefix...)
	}
	u := s.Units(sample)
	dst, ended := s.appendRest(dst, &u, at, random && hasSets)
	if s.LengthSize() < len(startCode) && u.number > s.units {
		return dst[:start], fault.New(fault.Internal, "the sample holds %d NAL units, room was planned for %d", u.number, s.units)
	}
	if ended && at.Marks&media.LapEnd == 0 {
		dst = append(dst, s.end...)
	}
	return dst, s.left(&u)
}

// inspect returns the first slice of a sample, and whether parameter sets, or
// messages that the record has too, come before it.
func (s *ByteStream) inspect(sample []byte) (slice []byte, hasSets bool) {
	for u := s.Units(sample); u.Next(); {
		switch class := s.record.Syntax.Class(u.Unit()); {
		case class == Slice:
			return u.Unit(), hasSets
		case class.IsSet(), class == Other && s.record.declares(u.Unit()):
			hasSets = true
		}
	}
	return nil, hasSets
}

// appendSets appends the parameter sets of the record and of the sample, in the
// order of the classes. The sample's own win.
func (s *ByteStream) appendSets(dst, sample []byte) []byte {
	for class := VideoSet; class <= Message; class++ {
		for i := range s.record.sets {
			if old := &s.record.sets[i]; old.class == class && !s.replaces(sample, old) {
				dst = appendUnit(dst, old.unit)
			}
		}
		for u := s.Units(sample); u.Next(); {
			found := s.record.Syntax.Class(u.Unit())
			if found == Slice {
				break
			}
			if found == class {
				dst = u.appendTo(dst)
			}
		}
	}
	return dst
}

// replaces reports whether a sample replaces a set of the record before its first slice.
func (s *ByteStream) replaces(sample []byte, old *set) bool {
	for u := s.Units(sample); u.Next(); {
		class := s.record.Syntax.Class(u.Unit())
		if class == Slice {
			return false
		}
		if class == old.class && s.record.Syntax.SetID(u.Unit()) == old.id ||
			old.class == Message && bytes.Equal(u.Unit(), old.unit) {
			return true
		}
	}
	return false
}

// appendRest appends the units of a sample without its delimiter, its ends and,
// if they are placed already, its parameter sets. ended reports an end.
func (s *ByteStream) appendRest(dst []byte, u *Units, at media.Place, placed bool) (_ []byte, ended bool) {
	picture := false
	for u.Next() {
		class := s.record.Syntax.Class(u.Unit())
		picture = picture || class == Slice
		ended = ended || class == End
		if class == End || !picture && (class == Delimiter || placed && class.IsSet()) {
			continue
		}
		dst = u.appendTo(dst)
		if class == Slice || class == Other {
			dst = s.rewrite(dst, u, at)
		}
	}
	return dst, ended
}

// left returns the error that says what was left out, nil for nothing.
func (s *ByteStream) left(u *Units) error {
	if u.damage.Units == 0 {
		return nil
	}
	return &media.DamageError{Units: u.damage.Units, Text: u.damage.Text}
}

// Sets returns the parameter sets of a sample.
func (s *ByteStream) Sets(sample []byte) Sets { return Sets{s.record, sample} }

// rewrite rewrites the unit at the end of dst. The shorter form of its start code makes
// up for a byte more, and the stream's reserve for others.
func (s *ByteStream) rewrite(dst []byte, u *Units, at media.Place) []byte {
	from := len(dst) - len(u.unit)
	dst = s.record.Syntax.Rewrite(dst, from, at, s.Sets(u.sample))
	switch more := len(dst) - from - len(u.unit); {
	case len(dst) == from && u.split:
		return dst[:from-len(startCode)+1]
	case len(dst) == from:
		return dst[:from-len(startCode)]
	case more <= s.reserve || at.PictureID > 0: // Coding.AppendUnit looks at the sum.
		return dst
	case more == 1 && !u.split:
		copy(dst[from-2:], dst[from-1:]) // The zero_byte goes.
		return dst[:len(dst)-1]
	}
	return append(dst[:from], u.unit...) // There is no room.
}

// AppendSample appends a sample as an MP4 file has it: its units with lengths, as
// Syntax.Rewrite has them.
func (s *ByteStream) AppendSample(dst, sample []byte, at media.Place) ([]byte, error) {
	dst = slices.Grow(dst, len(sample)+8)
	u := s.Units(sample)
	for u.Next() {
		class := s.record.Syntax.Class(u.Unit())
		if s.dropSets && class.IsSet() && s.record.has(u.Unit()) {
			continue
		}
		length := len(dst)
		dst = append(dst, "\x00\x00\x00\x00"[:s.LengthSize()]...)
		unit := len(dst)
		dst = append(dst, u.Unit()...)
		if class == Slice || class == Other {
			dst = s.record.Syntax.Rewrite(dst, unit, at, s.Sets(sample))
		}
		if len(dst) == unit {
			dst = dst[:length]
			continue
		}
		putLength(dst[length:unit], len(dst)-unit)
	}
	return dst, s.left(&u)
}

// putLength writes n into b, the first byte highest.
func putLength(b []byte, n int) {
	for i := range b {
		b[len(b)-1-i] = byte(n >> (8 * i))
	}
}

// appendTo appends the current unit with a start code that is no longer than what
// precedes it in the sample, as long as its length if that has 4 bytes.
func (u *Units) appendTo(dst []byte) []byte {
	if u.split {
		return append(append(dst, startCode[1:]...), u.unit...)
	}
	return appendUnit(dst, u.unit)
}

func appendUnit(dst, unit []byte) []byte {
	dst = append(dst, startCode...)
	return append(dst, unit...)
}
