package hevc

import (
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/codec/nal"
)

// recordHeader is the length of an HEVCDecoderConfigurationRecord up to its arrays
// of NAL units, in bytes.
const recordHeader = 23

// parseRecord parses an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15,
// 8.3.3.1). Its version is 1; files older than the standard have 0 and the same fields.
func parseRecord(record []byte) (*nal.Record, error) {
	r := &nal.Record{
		Coding: "HEVC", Box: "hvcC", Syntax: syntax{}, RecordClass: recordClass, End: []byte(endOfSequence),
		Required: []nal.Class{nal.VideoSet, nal.SequenceSet, nal.PictureSet},
	}
	if len(record) < recordHeader || record[0] > 1 {
		return nil, r.Damaged("has %d bytes, wanted %d or more, or a version other than 1", len(record), recordHeader)
	}
	r.Format = nal.Format{LengthSize: int(record[21]&3) + 1, HeaderSize: headerSize}
	data := record[recordHeader:]
	for i := range int(record[22]) {
		if len(data) < 3 {
			return nil, r.Damaged("ends before array %d of %d", i+1, record[22])
		}
		rest, err := r.AddArray(data[3:], int(data[1])<<8|int(data[2]))
		if err != nil {
			return nil, err
		}
		data = rest
	}
	return r, nil
}

// recordClass accepts parameter sets, and SEI messages for the whole stream: the
// colour volume of HDR10 is often nowhere else. It drops user_data_unregistered
// (D.2.7), where encoders put their settings: kilobytes that would repeat with
// every random access point.
func recordClass(unit []byte) nal.Class {
	const unregistered = 5
	switch class := (syntax{}).Class(unit); {
	case class.IsSet():
		return class
	case unitType(unit) == typePrefixSEI && (len(unit) == headerSize || unit[headerSize] != unregistered):
		return nal.Message
	}
	return nal.Other
}

// completeRecord returns a record with all parameter sets of a stream.
func completeRecord(record []byte, stream *nal.ByteStream) []byte {
	const complete, arrayCount = 0x80, recordHeader - 1 // array_completeness, the place of numOfArrays
	b := append([]byte(nil), record[:recordHeader]...)
	b[arrayCount] = 0
	last, count := -1, 0 // the type of the current array, and where its numNalus is
	for unit := range stream.RecordUnits() {
		if t := unitType(unit); t != last {
			b[arrayCount]++
			last, count = t, len(b)+1
			b = append(b, complete|byte(t), 0, 0)
		}
		n := binary.BigEndian.Uint16(b[count:])
		binary.BigEndian.PutUint16(b[count:], n+1)
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(unit))), unit...)
	}
	return b
}
