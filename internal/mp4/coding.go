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

// coder returns the coding that an entry describes. first is the first sample
// to begin decoding with.
type coder func(e entry, first []byte, all samples) (media.Coding, error)

// newCoding asks the package of each coding. The record is copied, so that a
// coding that keeps it does not keep the moov box.
func newCoding(e entry, first []byte, all samples) (media.Coding, error) {
	record := bytes.Clone(e.record)
	switch e.form {
	case formAVC:
		return newAVC(record, first, all)
	case formHEVC:
		return newHEVC(record, first, all)
	case formAAC:
		return checked(aac.New(record))
	case formAC3:
		return checked(ac3.New(first))
	case formEAC3:
		return checked(ac3.NewEnhanced(first))
	case formMPA:
		return checked(mpa.New(first))
	case formMPEG2:
		return checked(mpeg2.New(record, first))
	case unknown:
	}
	return nil, fault.New(fault.Media, "%s cannot be carried: --encode would make it anew", e.name)
}

// checked keeps the nil pointer of a coding that could not be made from becoming a media.Coding.
func checked[C media.Coding](c C, err error) (media.Coding, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

func newAVC(record, first []byte, all samples) (media.Coding, error) {
	c, err := avc.New(record, first)
	if err != nil {
		return nil, err
	}
	return counted(c, all)
}

func newHEVC(record, first []byte, all samples) (media.Coding, error) {
	c, err := hevc.New(record, first)
	if err != nil {
		return nil, err
	}
	return counted(c, all)
}

// lengthCoded is a coding whose NAL units lie behind their lengths.
type lengthCoded[C any] interface {
	media.Coding
	LengthSize() int
	CountUnits(sample []byte) (int, error)
	WithUnits(n int) C
}

// counted tells the coding how many NAL units a sample holds at most. It has to
// know where their lengths take fewer than 4 bytes: a start code is then longer,
// and how much a sample grows depends on their number. Hardly any file is like that.
func counted[C lengthCoded[C]](c C, all samples) (media.Coding, error) {
	if c.LengthSize() >= 4 {
		return c, nil
	}
	n, err := all.most(c.CountUnits)
	if err != nil {
		return nil, err
	}
	return c.WithUnits(n), nil
}

// samples reads the samples of a track whose units are known.
type samples struct {
	file  *source
	track *track
}

// first reads the first sample to begin decoding with, the very first where none is marked.
func (s samples) first() ([]byte, error) {
	for _, u := range s.track.units {
		if u.RandomAccess() {
			return s.file.bytes(u.Offset, int64(u.Size()))
		}
	}
	u := s.track.units[0]
	return s.file.bytes(u.Offset, int64(u.Size()))
}

// most reads every sample and returns the largest of what count says of them.
func (s samples) most(count func(sample []byte) (int, error)) (most int, err error) {
	var buf []byte
	for i, u := range s.track.units {
		if u.Size() > cap(buf) {
			buf = make([]byte, u.Size())
		}
		buf = buf[:u.Size()]
		if err := s.file.read(buf, u.Offset); err != nil {
			return 0, err
		}
		n, err := count(buf)
		if err != nil {
			return 0, fault.New(fault.Media, "sample %d at byte %d: %w", i+1, u.Offset, err)
		}
		most = max(most, n)
	}
	return most, nil
}
