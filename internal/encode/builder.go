package encode

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// builder makes one mezzanine.
type builder struct {
	job    *Job
	tools  ffmpeg
	entry  *cache.Entry
	plan   *plan
	opened []io.Closer // files that the movie's samples are read from
	notes  []media.Note
}

// videoShare is the fraction of the work that video takes.
const videoShare = 0.9

// build makes the mezzanine in the cache entry.
func (b *builder) build(ctx context.Context) error {
	defer func() {
		for _, c := range b.opened {
			c.Close()
		}
	}()
	input, err := b.job.Input(ctx, b.entry.Path(tempPrefix+"source"))
	if err != nil {
		return err
	}
	address, notes, err := inspect(input)
	if err != nil {
		return err
	}
	b.notes = notes
	in, err := probe(ctx, b.tools, address)
	if err != nil {
		return err
	}
	if b.plan, err = newPlan(address, b.job.Settings, in); err != nil {
		return err
	}
	if b.plan.wantsToneMap() {
		b.plan.toneMap = b.tools.hasFilter(ctx, "zscale")
	}
	if err := b.job.Cache.MakeRoom(b.entry.ID, b.estimate()); err != nil {
		return err
	}
	var m movie
	soundFrom := 0.0 // the fraction of the work that is done when the sound begins
	if b.plan.in.video != nil {
		video, err := b.encodeVideo(ctx)
		if err != nil {
			return err
		}
		m.tracks, soundFrom = []*movieTrack{video}, videoShare
	}
	tracks := b.plan.audioTracks()
	for i, info := range tracks {
		t, err := b.newAudioEncoder(i, info).encode(ctx)
		if err != nil {
			return err
		}
		m.tracks = append(m.tracks, t)
		b.report(Progress{Fraction: soundFrom + (1-soundFrom)*float64(i+1)/float64(len(tracks))})
	}
	return b.store(ctx, &m)
}

// estimate returns an upper bound in bytes for the entry while it is made: the
// encoded video and audio, and the mezzanine that is copied from them.
func (b *builder) estimate() int64 {
	p := b.plan
	sound := float64(len(p.audioTracks())) * float64(p.audioRate(2)) * 2
	if p.in.video == nil {
		return int64(2 * p.lapSeconds() * sound / 8)
	}
	return int64(p.seconds(2*p.frames+p.lead+p.follow) * (float64(p.video.MaxBitrate) + sound) / 8)
}

func (b *builder) report(p Progress) {
	writeFraction(b.entry, p.Fraction)
	b.job.Report(p)
}

// openFile opens what ffmpeg wrote, until the builder has finished.
func (b *builder) openFile(path string) (*encodedFile, error) {
	f, err := openEncodedFile(path)
	if err == nil {
		b.opened = append(b.opened, f)
	}
	return f, err
}

// noteDamage notes what ffmpeg says about a damaged track.
func (b *builder) noteDamage(kind string, id uint32, heard lastBytes) {
	if what := heard.damage(); what != "" {
		b.notes = append(b.notes, media.NewNote(media.NoteDamaged, id,
			"%s track %d: ffmpeg finds damage in it and encodes what it can decode (%s): get the file again", kind, id, what))
	}
}

// encodeVideo encodes the video and cuts the lap out of it.
func (b *builder) encodeVideo(ctx context.Context) (*movieTrack, error) {
	p := b.plan
	out := b.entry.Path(tempPrefix + "video.mp4")
	total := p.seconds(p.lead + p.frames + p.follow)
	progress := &progressWriter{handle: func(r progressReport) {
		b.report(Progress{Fraction: min(1, r.position.Seconds()/total) * videoShare, Speed: r.speed})
	}}
	var heard lastBytes
	if err := (process{path: b.tools.ffmpeg, args: p.videoArgs(out), stdout: progress, complaints: &heard}).run(ctx); err != nil {
		return nil, err
	}
	b.noteDamage("video", p.in.video.id, heard)
	f, err := b.openFile(out)
	if err != nil {
		return nil, err
	}
	lap, err := f.samples(p.lead, p.lead+p.frames)
	if err != nil {
		return nil, err
	}
	if !lap[0].sync {
		return nil, fault.New(fault.Internal, "ffmpeg did not begin the lap with an IDR picture")
	}
	return &movieTrack{
		video: true, timescale: p.rate.num, duration: p.rate.den, entry: f.track.Entry,
		width: p.video.Width, height: p.video.Height, aspect: p.aspect, samples: lap, shown: p.frames,
	}, nil
}

// store writes the mezzanine under a temporary name and renames it, so that it
// appears complete or not at all.
func (b *builder) store(ctx context.Context, m *movie) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	temp := b.entry.Path(tempPrefix + fileName)
	size, err := writeMovie(temp, m)
	if err == nil {
		err = writeNotes(b.entry.Path(notesName), append(b.plan.notes(), b.notes...))
	}
	if err == nil {
		err = os.Rename(temp, b.entry.Path(fileName))
	}
	if err == nil {
		err = syncDir(filepath.Dir(temp))
	}
	if err == nil {
		err = b.entry.SetMetadata(b.job.metadata(size))
	}
	if err != nil {
		return fault.New(fault.Source, "the mezzanine cannot be written: %w", err)
	}
	return nil
}

// writeMovie writes the movie to durable storage and returns its size in bytes.
func writeMovie(path string, m *movie) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	if err = m.write(f); err == nil {
		err = f.Sync()
	}
	size, sizeErr := f.Seek(0, io.SeekEnd)
	return size, errors.Join(err, sizeErr, f.Close())
}

// syncDir makes a rename durable, where the system can.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
