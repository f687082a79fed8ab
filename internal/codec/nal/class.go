package nal

import "github.com/lilo-live/lilo/internal/media"

// Class is what a NAL unit means for an access unit of a byte stream. The order
// of the parameter sets is that in which a decoder needs them.
type Class uint8

// The classes of NAL units.
const (
	// Other is a unit that stays where it is: SEI, filler data, prefix units.
	Other Class = iota
	// Slice is coded picture data (VCL).
	Slice
	// Delimiter is an access unit delimiter.
	Delimiter
	// End is an end of sequence or of the bitstream.
	End
	// VideoSet is a video parameter set (HEVC).
	VideoSet
	// SequenceSet is a sequence parameter set.
	SequenceSet
	// SequenceExtension belongs to a sequence parameter set: H.264's extension and subset.
	SequenceExtension
	// PictureSet is a picture parameter set.
	PictureSet
	// Message is an SEI message that the decoder configuration record declares for the whole stream.
	Message
)

// IsSet reports whether the class is one of parameter sets.
func (c Class) IsSet() bool { return c >= VideoSet && c <= PictureSet }

// Syntax is what differs between the two codings. Units passed to it are never
// shorter than their header.
type Syntax interface {
	// Class returns the class of a unit of a sample by the type in its header.
	Class(unit []byte) Class
	// SetID distinguishes parameter sets of one class: two with the same number
	// replace each other.
	SetID(unit []byte) uint32
	// Rewrite changes a unit, which is dst from an index on, for its place, and returns
	// dst: so that every lap shows all its pictures, and does not tell that it is one. Of a
	// unit that goes nothing is left.
	Rewrite(dst []byte, unit int, at media.Place, sets Sets) []byte
	// AppendDelimiter appends the delimiter of an access unit, with start code.
	// slice is the unit's first slice, nil if it has none.
	AppendDelimiter(dst, slice []byte) []byte
}
