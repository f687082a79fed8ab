package encode

import (
	"os"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// encoded is an MP4 that ffmpeg wrote, with one track.
type encoded struct {
	file  *os.File
	asset *media.Asset
	stsd  []byte
}

// openEncoded opens what ffmpeg wrote.
func openEncoded(path string) (*encoded, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Internal, "what ffmpeg wrote cannot be read: %w", err)
	}
	e := &encoded{file: f}
	if err := e.read(); err != nil {
		f.Close()
		return nil, fault.New(fault.Internal, "what ffmpeg wrote cannot be read: %w", err)
	}
	return e, nil
}

func (e *encoded) read() error {
	info, err := e.file.Stat()
	if err != nil {
		return err
	}
	file, err := mp4.Open(e.file, info.Size())
	if err != nil {
		return err
	}
	e.asset = file.Asset
	e.stsd, err = sampleDescription(e.file, info.Size())
	return err
}

// track is the one it has.
func (e *encoded) track() *media.Track {
	if e.asset.Video != nil {
		return e.asset.Video
	}
	return e.asset.Audio[0]
}

// samples returns the units from to end as samples of a movie.
func (e *encoded) samples(from, end int) ([]sample, error) {
	t := e.track()
	if from < 0 || end > len(t.Units) || from >= end {
		return nil, fault.New(fault.Internal, "ffmpeg encoded %d units, and %d to %d are wanted", len(t.Units), from, end)
	}
	all := make([]sample, 0, end-from)
	for i := from; i < end; i++ {
		u := t.Units[i]
		step := t.Duration(from)
		all = append(all, sample{from: e.file, offset: u.Offset, size: u.Size(), delay: int((int64(u.CTO) + step/2) / step), sync: u.RandomAccess()})
	}
	return all, nil
}
