package avc

import "github.com/lilo-live/lilo/internal/codec/nal"

// Types of NAL units (ISO/IEC 14496-10, table 7-1).
const (
	typeSlice      = 1 // of a picture that is not IDR
	typePartitionA = 2
	typePartitionC = 4
	typeIDR        = 5
	typeSEI        = 6
	typeSPS        = 7
	typePPS        = 8
	typeDelimiter  = 9
	typeEndSeq     = 10
	typeEndStream  = 11
	typeSPSExt     = 13
	typeSubsetSPS  = 15
	typeAuxiliary  = 19
	typeExtension  = 20
	typeDepth      = 21
)

// syntax implements [nal.Syntax] for H.264.
type syntax struct {
	clock *clock // nil for a stream without clock timestamps
}

func unitType(unit []byte) int { return int(unit[0] & 0x1f) }

// Class returns the class of a unit by its nal_unit_type.
//
// Ends of sequence and of stream are dropped. Either requires an IDR picture next
// (7.4.1.2.5), which resets the decoder without them; at the end of a lap that begins
// with a recovery point they would be an error, and some receivers stop at an end of
// stream.
func (syntax) Class(unit []byte) nal.Class {
	switch t := unitType(unit); t {
	case typeSPS:
		return nal.SequenceSet
	case typeSPSExt, typeSubsetSPS:
		return nal.SequenceExtension
	case typePPS:
		return nal.PictureSet
	case typeDelimiter:
		return nal.Delimiter
	case typeEndSeq, typeEndStream:
		return nal.End
	case typeAuxiliary, typeExtension, typeDepth:
		return nal.Slice
	default:
		if t >= typeSlice && t <= typeIDR {
			return nal.Slice
		}
		return nal.Other
	}
}

// SetID is the number of a parameter set below its type, since the two sorts of
// sequence extension do not replace each other.
func (syntax) SetID(unit []byte) uint32 {
	b := nal.NewBitReader(unit[1:])
	t := unitType(unit)
	if t == typeSPS || t == typeSubsetSPS {
		b.Skip(24) // profile_idc, constraint flags, level_idc (7.3.2.1.1).
	}
	return uint32(t)<<16 | b.UE()&0xffff
}

// AppendDelimiter appends an access unit delimiter whose primary_pic_type, 7,
// allows any slice (table 7-5).
func (syntax) AppendDelimiter(dst, _ []byte) []byte {
	return append(dst, 0, 0, 0, 1, typeDelimiter, 0xf0)
}
