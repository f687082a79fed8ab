package nal

import (
	"bytes"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
)

// maxSets is how many units a record may have: 256 picture parameter sets and 32
// of each other class (ISO/IEC 14496-10, 7.4.2), with room for messages. More are
// damage and would cost unbounded time.
const maxSets = 512

// Record is what a decoder configuration record holds. A coding fills it; it does
// not change after ByteStream.
type Record struct {
	Coding string // for messages: "H.264"
	Box    string // for messages: "avcC"
	Format Format
	Syntax Syntax
	// RecordClass returns the class of a unit of the record; units of class Other are dropped.
	RecordClass func(unit []byte) Class
	// Required are the classes of parameter sets without which nothing is decoded.
	Required []Class
	// End is the end of sequence unit, nil for a coding that does without.
	End  []byte
	sets []set
}

// set is a parameter set or message of the record.
type set struct {
	class Class
	id    uint32
	unit  []byte
}

// Damaged returns an error about the box.
func (r *Record) Damaged(format string, args ...any) error {
	return fault.New(fault.Media, r.Coding+": the "+r.Box+" box "+format+": the file is damaged; get it again or encode it (--encode avc)", args...)
}

// AddArray adds n units with 16-bit lengths and returns the data after them.
func (r *Record) AddArray(data []byte, n int) ([]byte, error) {
	for i := range n {
		if len(data) < 2 {
			return nil, r.Damaged("ends before parameter set %d of %d", i+1, n)
		}
		size := int(data[0])<<8 | int(data[1])
		data = data[2:]
		if size > len(data) {
			return nil, r.Damaged("has a parameter set of %d bytes where %d are left", size, len(data))
		}
		if size >= r.Format.HeaderSize {
			if class := r.RecordClass(data[:size]); class != Other {
				r.add(class, data[:size])
			}
		}
		data = data[size:]
	}
	return data, nil
}

// add adds a parameter set or message, unless the record has it already or has
// too many, in the order of the classes.
func (r *Record) add(class Class, unit []byte) {
	if len(r.sets) == maxSets || r.has(unit) {
		return
	}
	s := set{class: class, unit: slices.Clone(unit)}
	if class.IsSet() {
		s.id = r.Syntax.SetID(unit)
	}
	at := slices.IndexFunc(r.sets, func(old set) bool { return old.class > class })
	if at < 0 {
		at = len(r.sets)
	}
	r.sets = slices.Insert(r.sets, at, s)
}

// addSample adds the parameter sets before the first slice of a sample.
func (r *Record) addSample(sample []byte) {
	units := r.Format.Units(sample)
	for units.Next() {
		class := r.Syntax.Class(units.Unit())
		if class == Slice {
			return
		}
		if class.IsSet() {
			r.add(class, units.Unit())
		}
	}
}

// has reports whether the record has a unit.
func (r *Record) has(unit []byte) bool {
	return slices.ContainsFunc(r.sets, func(s set) bool { return bytes.Equal(s.unit, unit) })
}

// replaceSets gives the record the parameter sets of a sample, in place of its own of the same
// numbers, and reports whether it had others.
func (r *Record) replaceSets(sample []byte) (changed bool) {
	for u := r.Format.Units(sample); u.Next(); {
		class := r.Syntax.Class(u.Unit())
		if !class.IsSet() || r.has(u.Unit()) {
			continue
		}
		id := r.Syntax.SetID(u.Unit())
		r.sets = slices.DeleteFunc(slices.Clone(r.sets), func(s set) bool { return s.class == class && s.id == id })
		r.add(class, u.Unit())
		changed = true
	}
	return changed
}

// First returns the first unit of a class, nil if there is none.
func (r *Record) First(class Class) []byte {
	for _, s := range r.sets {
		if s.class == class {
			return s.unit
		}
	}
	return nil
}

// Sets are the parameter sets that a sample refers to.
type Sets struct {
	record *Record
	sample []byte
}

// Find returns a parameter set by its class and its Syntax.SetID: the sample's own, or
// else that of the record, nil if there is none.
func (s Sets) Find(class Class, id uint32) []byte {
	syntax := s.record.Syntax
	for u := s.record.Format.Units(s.sample); u.Next(); {
		switch found := syntax.Class(u.Unit()); {
		case found == Slice:
			return s.record.find(class, id)
		case found == class && syntax.SetID(u.Unit()) == id:
			return u.Unit()
		}
	}
	return s.record.find(class, id)
}

func (r *Record) find(class Class, id uint32) []byte {
	for i := range r.sets {
		if set := &r.sets[i]; set.class == class && set.id == id {
			return set.unit
		}
	}
	return nil
}

func (r *Record) complete() bool {
	return !slices.ContainsFunc(r.Required, func(c Class) bool { return r.First(c) == nil })
}

func (r *Record) declares(unit []byte) bool {
	return slices.ContainsFunc(r.sets, func(s set) bool { return s.class == Message && bytes.Equal(s.unit, unit) })
}

// ByteStream returns the byte stream of the track. sample is its first random
// access point, whose parameter sets complete those of the record; inBand reports
// that they had to.
func (r *Record) ByteStream(sample []byte) (s *ByteStream, inBand bool, err error) {
	if inBand = !r.complete(); inBand {
		r.addSample(sample)
	}
	if !r.complete() {
		return nil, true, fault.New(fault.Media, "%s: decoding needs parameter sets, and neither %s nor the first sample has all: encode it (--encode avc)", r.Coding, r.Box)
	}
	s = &ByteStream{record: r, units: unboundedUnits, delimiter: len(r.Syntax.AppendDelimiter(nil, nil))}
	s.setPrefix()
	if r.End != nil {
		s.end = appendUnit(nil, r.End)
	}
	return s, inBand, nil
}
