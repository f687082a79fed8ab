package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// Types of NAL units (ISO/IEC 23008-2, table 7-1).
const (
	typeRADLN      = 6
	typeRADLR      = 7
	typeBLAWLP     = 16
	typeBLAWRADL   = 17
	typeBLANLP     = 18
	typeIDRWRADL   = 19
	typeIDRNLP     = 20
	typeCRA        = 21
	typeLastVCL    = 31
	typeVPS        = 32
	typeSPS        = 33
	typePPS        = 34
	typeDelimiter  = 35
	typeEndSeq     = 36
	typeEndStream  = 37
	typePrefixSEI  = 39
	headerSize     = 2
	endOfSequence  = "\x48\x01"
	anyPictureType = 2 << 5 // pic_type: I, P and B slices (table 7-2)
)

// syntax implements [nal.Syntax] for HEVC.
type syntax struct {
	clock *nal.Clock // nil for a stream without clock timestamps
}

func unitType(unit []byte) int { return int(unit[0] >> 1 & 0x3f) }

// layer returns nuh_layer_id: 0 for everything but scalable and multiview extensions.
func layer(unit []byte) int { return int(unit[0]&1)<<5 | int(unit[1]>>3) }

// Class returns the class of a unit by its nal_unit_type.
//
// Ends of sequence and of the bitstream both become one end of sequence at the end of
// their access unit. It resets the decoder (8.1.3) where the file does so, while a
// looping stream never reaches the end of its bitstream.
func (syntax) Class(unit []byte) nal.Class {
	switch t := unitType(unit); t {
	case typeVPS:
		return nal.VideoSet
	case typeSPS:
		return nal.SequenceSet
	case typePPS:
		return nal.PictureSet
	case typeDelimiter:
		return nal.Delimiter
	case typeEndSeq, typeEndStream:
		return nal.End
	default:
		if t <= typeLastVCL {
			return nal.Slice
		}
		return nal.Other
	}
}

// SetID is the number of a parameter set with its layer above it.
func (syntax) SetID(unit []byte) uint32 {
	b := nal.NewBitReader(unit[headerSize:])
	id := uint32(0)
	switch unitType(unit) {
	case typeVPS:
		id = b.Read(4)
	case typeSPS:
		_, id = new(sps).readHead(&b)
	case typePPS:
		id = b.UE()
	}
	return uint32(layer(unit))<<16 | id&0xffff
}

// Rewrite makes a random access picture keep those before it that are yet to be shown,
// drops the signature of an encoder, and makes clock timestamps run on from the epoch.
func (s syntax) Rewrite(dst []byte, unit int, at media.Place, _ nal.Sets) []byte {
	switch t := unitType(dst[unit:]); {
	case t >= typeBLAWLP && t <= typeCRA && len(dst)-unit > headerSize:
		keepPriorPictures(dst[unit:], at)
	case t == typePrefixSEI && !at.KeepES && (s.clock != nil || nal.Signed(dst[unit:])):
		return nal.RewriteMessages(dst, unit, headerSize, func(m nal.SEIMessage) { runTimeCode(s.clock, m, at) })
	}
	return dst
}

// keepPriorPictures makes a random access picture keep those before it that are yet to be shown
// (C.5.2.2), and the first picture of a lap one that resets the decoder. A CRA picture
// there becomes a BLA picture, whose slice has the same fields: a CRA picture after an
// end of sequence would discard those pictures whatever its slice says, and without
// one it would continue the picture order count. The lap leaves its RASL pictures out.
func keepPriorPictures(slice []byte, at media.Place) {
	const noOutputOfPriorPics = 0x40 // the second bit of the slice (7.3.6.1)
	if t := unitType(slice); t != typeIDRWRADL && t != typeIDRNLP && at.Marks&media.LapStart != 0 {
		slice[0] = slice[0]&0x81 | typeBLAWRADL<<1
	}
	// The byte is not 0 behind another: nothing emulates a start code.
	slice[headerSize] &^= noOutputOfPriorPics
}

// AppendDelimiter appends an access unit delimiter with the TemporalId of its access
// unit (7.4.2.2).
func (syntax) AppendDelimiter(dst, slice []byte) []byte {
	temporal := byte(1)
	if slice != nil && slice[1]&7 != 0 {
		temporal = slice[1] & 7
	}
	return append(dst, 0, 0, 0, 1, typeDelimiter<<1, temporal, anyPictureType|0x10)
}
