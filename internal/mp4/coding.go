package mp4

import (
	"bytes"

	"github.com/lilo-live/lilo/internal/codec/aac"
	"github.com/lilo-live/lilo/internal/codec/ac3"
	"github.com/lilo-live/lilo/internal/codec/avc"
	"github.com/lilo-live/lilo/internal/codec/hevc"
	"github.com/lilo-live/lilo/internal/codec/mpa"
	"github.com/lilo-live/lilo/internal/codec/mpeg2"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// newCodingFunc returns the coding of a track with that sample entry. first is
// the sample to begin decoding with.
type newCodingFunc func(e sampleEntry, first []byte, samples sampleReader) (media.Coding, error)

// newCoding is the newCodingFunc of Open. It copies the configuration, so that
// a coding that keeps it does not keep the moov box in memory.
func newCoding(e sampleEntry, first []byte, samples sampleReader) (media.Coding, error) {
	config := bytes.Clone(e.config)
	switch e.codec {
	case codecAVC:
		c, err := avc.New(config, first)
		return countUnits(c, err, samples)
	case codecHEVC:
		c, err := hevc.New(config, first)
		return countUnits(c, err, samples)
	case codecAAC:
		return nilOnError(aac.New(config))
	case codecAC3:
		return nilOnError(ac3.New(first))
	case codecEAC3:
		return nilOnError(ac3.NewEnhanced(first))
	case codecMPA:
		return nilOnError(mpa.New(first))
	case codecMPEG2:
		return nilOnError(mpeg2.New(config, first))
	case codecUnknown:
	}
	return nil, fault.New(fault.Media, "%s cannot be carried: try --encode", e.name)
}

// nilOnError returns a nil interface, and not one that holds a nil pointer, with an error.
func nilOnError[C media.Coding](c C, err error) (media.Coding, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// lengthPrefixed is a coding whose NAL units follow their lengths.
type lengthPrefixed[C any] interface {
	media.Coding
	LengthSize() int
	CountUnits(sample []byte) (int, error)
	WithUnits(n int) C
}

// countUnits tells the coding the largest number of NAL units in a sample if
// their lengths have fewer than 4 bytes, which is rare: start codes are then
// longer, and how much a sample grows depends on that number.
func countUnits[C lengthPrefixed[C]](c C, err error, samples sampleReader) (media.Coding, error) {
	if err != nil {
		return nil, err
	}
	if c.LengthSize() >= 4 {
		return c, nil
	}
	n, err := samples.maximum(c.CountUnits)
	if err != nil {
		return nil, err
	}
	return c.WithUnits(n), nil
}
