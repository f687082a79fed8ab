package nal

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// unboundedUnits is how many units a sample may hold where nobody counted
// them: one for each row of macroblocks of the tallest picture, and some.
const unboundedUnits = 600

// maxSets is how many units a record may have: 256 picture parameter sets and
// 32 of each other class (ISO/IEC 14496-10 7.4.2), with room for messages.
// Whatever comes behind them is damage, and would cost time without end.
const maxSets = 512

// startCode is the longer form, with zero_byte. Annex B demands it only before
// the first unit of an access unit and parameter sets (B.1.2 of ISO/IEC
// 14496-10, B.2.2 of 23008-2) and allows it everywhere; it takes the place of
// a 4-byte length without moving anything.
const startCode = "\x00\x00\x00\x01"

// ByteStream turns the samples of one track into access units of a byte stream
// (Annex B) as a transport stream carries them. It is immutable but for Add,
// which belongs to its making.
type ByteStream struct {
	format    Format
	syntax    Syntax
	delimiter int    // length of the delimiter with start code
	end       []byte // the end of sequence with start code, nil where the coding can do without
	units     int    // most units in a sample, when lengths are shorter than start codes
	sets      []set
	prefix    []byte // all sets with start codes, in order
}

// set is a unit of the decoder configuration record.
type set struct {
	class Class
	id    uint32
	unit  []byte
}

// NewByteStream returns a stream without parameter sets. end is the end of
// sequence unit without start code, nil for a coding that has to do without.
func NewByteStream(format Format, syntax Syntax, end []byte) *ByteStream {
	s := &ByteStream{format: format, syntax: syntax, units: unboundedUnits}
	s.delimiter = len(syntax.AppendDelimiter(nil, nil))
	if end != nil {
		s.end = append([]byte(startCode), end...)
	}
	return s
}

// Add takes over a parameter set or message of the record, unless it has it
// already or has too many. It goes before every random access point, in the
// order of the classes.
func (s *ByteStream) Add(class Class, unit []byte) {
	if len(s.sets) == maxSets {
		return
	}
	add := set{class: class, unit: slices.Clone(unit)}
	if class.Set() {
		add.id = s.syntax.SetID(unit)
	}
	at := len(s.sets)
	for i, old := range s.sets {
		if bytes.Equal(old.unit, unit) {
			return
		}
		if old.class > class {
			at = min(at, i)
		}
	}
	s.sets = slices.Insert(s.sets, at, add)
	s.prefix = nil
	for _, each := range s.sets {
		s.prefix = appendUnit(s.prefix, each.unit)
	}
}

// AddSets takes over the parameter sets before the first slice of a sample.
func (s *ByteStream) AddSets(sample []byte) error {
	units := s.format.Units(sample)
	for units.Next() {
		class := s.syntax.Class(units.Unit())
		if class == Slice {
			return nil
		}
		if class.Set() {
			s.Add(class, units.Unit())
		}
	}
	return units.Err()
}

// First returns the first unit of a class that was added, nil when there is none.
func (s *ByteStream) First(class Class) []byte {
	for _, each := range s.sets {
		if each.class == class {
			return each.unit
		}
	}
	return nil
}

// Format returns how samples are delimited.
func (s *ByteStream) Format() Format { return s.format }

// WithUnits returns a copy for samples of n units or fewer.
func (s *ByteStream) WithUnits(n int) *ByteStream {
	c := *s
	c.units = max(n, 0)
	return &c
}

// Extra is the most by which Append makes a sample longer, in bytes.
func (s *ByteStream) Extra(at media.Place) int {
	n := s.delimiter + s.units*(len(startCode)-s.format.LengthSize)
	if at&media.RandomAccess != 0 {
		n += len(s.prefix)
	}
	if at&media.LapEnd != 0 {
		n += len(s.end)
	}
	return n
}

// Append appends a sample as one access unit: our delimiter, at a random
// access point the parameter sets, the sample's own units, and an end of
// sequence. On an error it returns dst as it was.
//
// The sample's own delimiter goes; one behind its first slice stays, since it
// opens the second field of a frame.
func (s *ByteStream) Append(dst, sample []byte, at media.Place) ([]byte, error) {
	start := len(dst)
	h := s.head(sample)
	dst = slices.Grow(dst, len(sample)+s.Extra(at))
	dst = s.syntax.AppendDelimiter(dst, h.slice)
	random := at&media.RandomAccess != 0
	switch {
	case random && h.sets:
		dst = s.appendSets(dst, sample)
	case random:
		dst = append(dst, s.prefix...)
	}
	dst, ended, err := s.appendRest(dst, sample, random && h.sets)
	if err != nil {
		return dst[:start], err
	}
	if ended || at&media.LapEnd != 0 {
		dst = append(dst, s.end...)
	}
	return dst, nil
}

// head is what lies before the first slice of a sample.
type head struct {
	slice []byte // the first slice
	sets  bool   // parameter sets, or messages that the record has too
}

func (s *ByteStream) head(sample []byte) head {
	var h head
	for u := s.format.Units(sample); u.Next(); {
		switch class := s.syntax.Class(u.Unit()); {
		case class == Slice:
			h.slice = u.Unit()
			return h
		case class.Set(), class == Other && s.declares(u.Unit()):
			h.sets = true
		}
	}
	return h
}

// declares reports whether the record has the same message as unit.
func (s *ByteStream) declares(unit []byte) bool {
	for i := len(s.sets) - 1; i >= 0 && s.sets[i].class == Message; i-- {
		if bytes.Equal(s.sets[i].unit, unit) {
			return true
		}
	}
	return false
}

// appendSets appends the parameter sets of the record and those of the
// sample, in the order of the classes. The sample's own win.
func (s *ByteStream) appendSets(dst, sample []byte) []byte {
	for class := VideoSet; class <= Message; class++ {
		for i := range s.sets {
			if s.sets[i].class == class && !s.carries(sample, &s.sets[i]) {
				dst = appendUnit(dst, s.sets[i].unit)
			}
		}
		for u := s.format.Units(sample); u.Next(); {
			found := s.syntax.Class(u.Unit())
			if found == Slice {
				break
			}
			if found == class {
				dst = appendUnit(dst, u.Unit())
			}
		}
	}
	return dst
}

// carries reports whether the head of a sample replaces a set of the record.
func (s *ByteStream) carries(sample []byte, want *set) bool {
	for u := s.format.Units(sample); u.Next(); {
		unit := u.Unit()
		class := s.syntax.Class(unit)
		if class == Slice {
			return false
		}
		if class == want.class && s.syntax.SetID(unit) == want.id ||
			want.class == Message && bytes.Equal(unit, want.unit) {
			return true
		}
	}
	return false
}

// appendRest appends the units of a sample but its delimiter and ends, and,
// when they were placed already, its parameter sets. ended reports an end.
func (s *ByteStream) appendRest(dst, sample []byte, placed bool) (_ []byte, ended bool, err error) {
	picture := false
	u := s.format.Units(sample)
	for u.Next() {
		class := s.syntax.Class(u.Unit())
		picture = picture || class == Slice
		ended = ended || class == End
		if class == End || !picture && (class == Delimiter || placed && class.Set()) {
			continue
		}
		dst = appendUnit(dst, u.Unit())
	}
	if u.err == nil && s.format.LengthSize < len(startCode) && u.number > s.units {
		return dst, ended, fmt.Errorf("the sample holds %d NAL units, room was planned for %d", u.number, s.units)
	}
	return dst, ended, u.err
}

func appendUnit(dst, unit []byte) []byte {
	dst = append(dst, startCode...)
	return append(dst, unit...)
}
