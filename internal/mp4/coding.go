package mp4

import (
	"bytes"
	"slices"

	"github.com/lilo-live/lilo/internal/codec/aac"
	"github.com/lilo-live/lilo/internal/codec/ac3"
	"github.com/lilo-live/lilo/internal/codec/avc"
	"github.com/lilo-live/lilo/internal/codec/dts"
	"github.com/lilo-live/lilo/internal/codec/hevc"
	"github.com/lilo-live/lilo/internal/codec/mpa"
	"github.com/lilo-live/lilo/internal/codec/mpeg2"
	"github.com/lilo-live/lilo/internal/codec/mpeg4"
	"github.com/lilo-live/lilo/internal/codec/opus"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// newCodingFunc returns the coding of a track with that sample entry. first is
// the sample to begin decoding with.
type newCodingFunc func(e sampleEntry, first []byte) (media.Coding, error)

// newCoding is the newCodingFunc of Open. It copies the configuration, so that
// a coding that keeps it does not keep the moov box in memory.
func newCoding(e sampleEntry, first []byte) (c media.Coding, err error) {
	config := bytes.Clone(e.config)
	switch e.codec {
	case codecAVC:
		c, err = avc.New(config, first)
	case codecHEVC:
		c, err = hevc.New(config, first)
	case codecMPEG2:
		c, err = mpeg2.New(config, first)
	case codecMPEG4:
		c, err = mpeg4.New(config, first)
	case codecAAC:
		c, err = aac.New(config)
	case codecAC3:
		c, err = ac3.New(first)
	case codecEAC3:
		c, err = ac3.NewEnhanced(first)
	case codecMPA:
		c, err = mpa.New(first)
	case codecDTS:
		c, err = dts.New(first)
	case codecOpus:
		c, err = opus.New(config, first)
	case codecUnknown:
		err = fault.New(fault.Media, "%s cannot be carried: try --encode avc", e.name)
	}
	if err != nil {
		return nil, err // c may hold a nil pointer.
	}
	return c, nil
}

// unitCounter is a coding whose NAL units follow their lengths.
type unitCounter interface {
	LengthSize() int
	CountUnits(sample []byte) int
	SetMaxUnits(n int)
	MaxUnits() int
}

// countUnits tells the coding the largest number of NAL units in a sample if
// their lengths have fewer than 4 bytes, which is rare: start codes are then
// longer, and how much a sample grows depends on that number. Where samples share
// so many of their bytes that reading them would not end, the coding's own number stays.
func countUnits(file *fileReader, units []media.AccessUnit, c media.Coding) error {
	counter, ok := c.(unitCounter)
	if !ok || counter.LengthSize() >= 4 {
		return nil
	}
	most, left := 0, 2*file.size
	var buf []byte
	for _, u := range units {
		if left -= int64(u.Size()); left < 0 {
			return nil
		}
		buf = slices.Grow(buf[:0], u.Size())[:u.Size()]
		if err := file.read(buf, u.Offset); err != nil {
			return err
		}
		most = max(most, counter.CountUnits(buf))
	}
	counter.SetMaxUnits(most)
	return nil
}
