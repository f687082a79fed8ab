package encode

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
)

// work makes one mezzanine.
type work struct {
	job   *Job
	tool  tool
	entry *cache.Entry
	plan  *plan
	open  []io.Closer
}

// videoShare is the part of the work that the pictures are.
const videoShare = 0.9

func (w *work) run(ctx context.Context) (err error) {
	defer func() {
		for _, c := range w.open {
			c.Close()
		}
	}()
	input, err := w.job.Input(ctx, w.entry.Path(workName+"source"))
	if err != nil {
		return err
	}
	in, err := probe(ctx, w.tool, input)
	if err != nil {
		return err
	}
	if w.plan, err = newPlan(input, w.job.Settings, in); err != nil {
		return err
	}
	if err := w.job.Cache.MakeRoom(w.entry.ID, w.estimate()); err != nil {
		return err
	}
	pictures, err := w.encodePictures(ctx)
	if err != nil {
		return err
	}
	m := movie{tracks: []*movieTrack{pictures}}
	for i := range max(1, len(in.audio)) {
		var from *sound
		if len(in.audio) > 0 {
			from = &in.audio[i]
		}
		t, err := w.newSoundtrack(i, from).encode(ctx)
		if err != nil {
			return err
		}
		m.tracks = append(m.tracks, t)
		w.tell(Progress{Fraction: videoShare + (1-videoShare)*float64(i+1)/float64(max(1, len(in.audio)))})
	}
	return w.store(ctx, &m)
}

// estimate is how many bytes the entry takes at most while it is made: the
// lead and the lap, and the mezzanine itself.
func (w *work) estimate() int64 {
	p := w.plan
	seconds := p.seconds(2*p.frames + p.lead + p.follow)
	return int64(seconds * float64(p.video.MaxBitrate+int64(max(1, len(p.in.audio)))*p.audioRate(2)*2) / 8)
}

func (w *work) tell(p Progress) {
	writeShare(w.entry, p.Fraction)
	w.job.tell(p)
}

func (w *work) openEncoded(path string) (*encoded, error) {
	e, err := openEncoded(path)
	if err == nil {
		w.open = append(w.open, e.file)
	}
	return e, err
}

// encodePictures encodes the pictures and cuts the lap out of them.
func (w *work) encodePictures(ctx context.Context) (*movieTrack, error) {
	out := w.entry.Path(workName + "video.mp4")
	reports, stdout := io.Pipe()
	done := make(chan struct{})
	p := w.plan
	total := p.seconds(p.lead + p.frames + p.follow)
	go func() {
		defer close(done)
		readPositions(reports, func(at position) {
			w.tell(Progress{Fraction: min(1, at.at.Seconds()/total) * videoShare, Speed: at.speed})
		})
	}()
	err := process{path: w.tool.ffmpeg, args: p.videoArgs(out), stdout: stdout}.run(ctx)
	stdout.Close()
	<-done
	if err != nil {
		return nil, err
	}
	e, err := w.openEncoded(out)
	if err != nil {
		return nil, err
	}
	return w.cut(e)
}

// cut takes the lap out of what was encoded.
func (w *work) cut(e *encoded) (*movieTrack, error) {
	p := w.plan
	lap, err := e.samples(p.lead, p.lead+p.frames)
	if err != nil {
		return nil, err
	}
	if !lap[0].sync {
		return nil, fault.New(fault.Internal, "ffmpeg did not begin the lap with an IDR picture")
	}
	return &movieTrack{
		video: true, timescale: p.rate.num, duration: p.rate.den, stsd: e.stsd, width: p.video.Width, height: p.video.Height,
		aspect: p.aspect, samples: lap, shown: p.frames,
	}, nil
}

// store writes the mezzanine, which appears as a whole or not at all.
func (w *work) store(ctx context.Context, m *movie) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tmp := w.entry.Path(workName + fileName)
	f, err := os.Create(tmp)
	if err == nil {
		err = errors.Join(m.write(f), f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(tmp, w.entry.Path(fileName))
	}
	if err == nil {
		err = syncFolder(filepath.Dir(tmp))
	}
	if err != nil {
		return fault.New(fault.Source, "the mezzanine cannot be written: %w", err)
	}
	return w.describe()
}

// describe tells the cache how large the mezzanine is.
func (w *work) describe() error {
	info, err := os.Stat(w.entry.Path(fileName))
	if err != nil {
		return fault.New(fault.Source, "the mezzanine cannot be read: %w", err)
	}
	return w.entry.SetMetadata(cache.Metadata{Name: w.job.Name + " (encoded)", Kind: Kind, Size: info.Size()})
}

// syncFolder makes a renaming last. Not every system can; where it cannot, the
// file is there or the work is done again.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
