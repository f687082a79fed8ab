package encode

import (
	"io"
	"os"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// encodedFile is an MP4 of one track that ffmpeg wrote.
type encodedFile struct {
	*os.File
	track *media.Track
}

func openEncodedFile(path string) (*encodedFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Internal, "the output of ffmpeg cannot be read: %w", err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	var file *mp4.File
	if err == nil {
		file, err = mp4.Open(f, size)
	}
	if err != nil {
		f.Close()
		return nil, fault.New(fault.Internal, "the output of ffmpeg cannot be read: %w", err)
	}
	track := file.Asset.Video
	if track == nil {
		track = file.Asset.Audio[0]
	}
	return &encodedFile{f, track}, nil
}

// samples returns the access units from first up to end as samples of a movie.
func (f *encodedFile) samples(first, end int) ([]sample, error) {
	units := f.track.Units
	if first < 0 || end > len(units) || first >= end {
		return nil, fault.New(fault.Internal, "ffmpeg encoded %d access units, %d to %d are needed", len(units), first, end)
	}
	duration := f.track.Duration(first)
	all := make([]sample, 0, end-first)
	for _, u := range units[first:end] {
		delay := int((int64(u.CTO) + duration/2) / duration)
		all = append(all, sample{from: f, offset: u.Offset, size: u.Size(), delay: delay, sync: u.RandomAccess()})
	}
	return all, nil
}
