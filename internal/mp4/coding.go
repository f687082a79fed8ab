package mp4

import (
	"bytes"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"

	"github.com/lilo-live/lilo/internal/codec/aac"
	"github.com/lilo-live/lilo/internal/codec/mpa"
)

// coder returns the coding that an entry describes. first is the first sample
// to begin decoding with.
type coder func(e entry, first []byte, all samples) (media.Coding, error)

// newCoding asks the package of each coding. The record is copied, so that a
// coding that keeps it does not keep the moov box.
func newCoding(e entry, first []byte, all samples) (media.Coding, error) {
	record := bytes.Clone(e.record)
	switch e.form {
	case formAAC:
		return aac.New(record)
	case formMPA:
		return mpa.New(first)
	default:
		return nil, fault.New(fault.Media, "%s cannot be carried yet", e.name)
	}
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
