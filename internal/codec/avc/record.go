package avc

import "github.com/lilo-live/lilo/internal/codec/nal"

// recordHeader is the length of an AVCDecoderConfigurationRecord up to the number
// of its sequence parameter sets, in bytes.
const recordHeader = 6

// parseRecord parses an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1).
func parseRecord(record []byte) (*nal.Record, error) {
	r := &nal.Record{
		Coding: "H.264", Box: "avcC", Syntax: syntax{}, RecordClass: recordClass,
		Required: []nal.Class{nal.SequenceSet, nal.PictureSet},
	}
	if len(record) < recordHeader || record[0] != 1 {
		return nil, r.Damaged("has %d bytes, wanted 7 or more, or a version other than 1", len(record))
	}
	r.Format = nal.Format{LengthSize: int(record[4]&3) + 1, HeaderSize: 1}
	rest, err := r.AddArray(record[recordHeader:], int(record[5]&0x1f))
	if err != nil || len(rest) == 0 {
		return r, err
	}
	rest, err = r.AddArray(rest[1:], int(rest[0]))
	if err != nil || len(rest) < 4 || oldProfile(uint32(record[1])) {
		return r, err
	}
	// The fields for High profiles (5.3.3.1.2): chroma format and bit depths come first. Many writers leave all of this out
	// or wrong, so damage here is no reason to reject a file.
	_, _ = r.AddArray(rest[4:], int(rest[3]))
	return r, nil
}

// recordClass accepts parameter sets only.
func recordClass(unit []byte) nal.Class {
	if class := (syntax{}).Class(unit); class.IsSet() {
		return class
	}
	return nal.Other
}
