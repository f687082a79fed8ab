package mp4

import (
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sampleReader reads the samples of a track.
type sampleReader struct {
	file  *fileReader
	units []media.AccessUnit // one or more
}

// first returns the first random access point, the first sample if none is marked.
func (s sampleReader) first() ([]byte, error) {
	i := max(0, slices.IndexFunc(s.units, media.AccessUnit.RandomAccess))
	return s.file.bytes(s.units[i].Offset, int64(s.units[i].Size()))
}

// maximum reads every sample and returns the largest value of measure.
func (s sampleReader) maximum(measure func(sample []byte) (int, error)) (most int, err error) {
	var buf []byte
	for i, u := range s.units {
		buf = slices.Grow(buf[:0], u.Size())[:u.Size()]
		if err := s.file.read(buf, u.Offset); err != nil {
			return 0, err
		}
		n, err := measure(buf)
		if err != nil {
			return 0, fault.New(fault.Media, "sample %d at byte %d: %w", i+1, u.Offset, err)
		}
		most = max(most, n)
	}
	return most, nil
}
