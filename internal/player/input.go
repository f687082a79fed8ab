package player

import (
	"context"
	"io"
	"sort"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/admission"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/source"
)

// input is an opened source with its multiplex.
type input struct {
	spec channel.Spec
	*openedSource
	plan    *mpegts.Plan
	shared  *sharedSource // where openedSource is, if a Player opened it
	release func() error
}

// openedSource is what inputs of one source share, whatever their multiplex.
type openedSource struct {
	source source.Source
	file   *mp4.File
	loop   *loop.Loop
	// segments cuts the loop for HLS, on the first call.
	segments func() (*hls.SegmentedLoop, error)
	plans    plans // of the loop
}

func newInput(spec channel.Spec) *input {
	in := &input{spec: spec, openedSource: &openedSource{}}
	in.release = in.close
	return in
}

// open opens the source of the spec and plans its multiplex. After an error, what it
// has opened stays open for Probe to report on.
func (in *input) open(ctx context.Context, o Options) (err error) {
	if in.source, err = o.OpenSource(ctx, in.spec.Source, o.sourceOf(in.spec)); err != nil {
		return err
	}
	if err = in.index(ctx, in.spec, o); err != nil {
		return err
	}
	part, err := in.clipped(in.spec.Clipping)
	if err != nil {
		return err
	}
	in.openedSource = part
	in.plan, err = mpegts.New(ctx, in.loop, multiplexConfig(in.spec))
	return err
}

// multiplexConfig returns what a spec says about the multiplex.
func multiplexConfig(s channel.Spec) mpegts.Config {
	return mpegts.Config{MuxRate: media.BitRate(s.MuxRate), ServiceName: s.Name, Layout: s.M2TS}
}

// index encodes the source if the spec asks for it, reads its index and plans its lap.
func (s *openedSource) index(ctx context.Context, spec channel.Spec, o Options) (err error) {
	if s.source, err = encode.OpenMezzanine(ctx, s.source, spec.Source, spec.Encode, o.Encoding); err != nil {
		return err
	}
	if s.file, err = mp4.Open(indexReader(ctx, s.source, o.Admission), s.source.Size()); err != nil {
		return err
	}
	l, err := loop.New(s.file.Asset)
	s.file.Asset.Source = s.source // On air it is read whatever becomes of ctx.
	s.setLoop(l, spec.KeepES)
	return err
}

// setLoop sets the lap of the source, nil for one that cannot loop.
func (s *openedSource) setLoop(l *loop.Loop, keepES bool) {
	if l != nil && l.Video != nil {
		l.Video.KeepES = keepES
	}
	s.loop, s.plans = l, newPlans()
	s.segments = sync.OnceValues(func() (*hls.SegmentedLoop, error) { return hls.NewSegmentedLoop(l) })
}

// readerAt is an io.ReaderAt.
type readerAt func(p []byte, at int64) (int, error)

func (f readerAt) ReadAt(p []byte, at int64) (int, error) { return f(p, at) }

// indexMemory is how many bytes of memory a byte of an index becomes at most: a sample
// takes four in a common sample table, and 24 as an access unit.
const indexMemory = 8

// indexReader returns r with reads that fail when ctx is done, or when there is no
// memory for what is read.
func indexReader(ctx context.Context, r io.ReaderAt, a *admission.Control) io.ReaderAt {
	unasked := 0
	return readerAt(func(p []byte, at int64) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if unasked += len(p); unasked > 1<<20 {
			if err := a.Room(int64(unasked) * indexMemory); err != nil {
				return 0, err
			}
			unasked = 0
		}
		return r.ReadAt(p, at)
	})
}

func (s *openedSource) close() error {
	if s.source == nil {
		return nil
	}
	return s.source.Close()
}

// wrap adds the source's name to an error about its contents.
func (in *input) wrap(err error) error {
	switch kind := fault.KindOf(err); kind {
	case fault.Media, fault.Rate:
		return fault.New(kind, "%s: %w", in.name(), err)
	default:
		return err
	}
}

// name returns the name of the source without secrets.
func (in *input) name() string {
	if in.spec.Source == "" {
		return clip.Name
	}
	return source.Redact(in.spec.Source)
}

const preload = 300 * time.Millisecond

// load fetches the first preload of a remote source, so that an epoch chosen
// afterwards loses no picture to the network.
func (in *input) load() error {
	if _, ok := in.source.(source.Remote); !ok {
		return nil
	}
	e := in.plan.NewEntry(mpegts.Origin{}, false)
	return in.wrap(e.NewMuxer().Fill(make([]byte, e.Before(preload)*packet.Size), 0))
}

// onAir makes reads of a remote source wait during an outage, however long it lasts.
func (in *input) onAir() {
	if r, ok := in.source.(source.Remote); ok {
		r.OnAir()
	}
}

// check returns an error if the source has been written to. To tell only when it is read
// would be late: sound is read many seconds at a time.
func (in *input) check() error {
	if c, ok := in.source.(source.Checker); ok {
		return c.Check()
	}
	return nil
}

// fetched returns how much of a remote source is in the cache. ok is false for any
// other source.
func (in *input) fetched() (p source.Progress, ok bool) {
	r, ok := in.source.(source.Remote)
	if ok {
		p = r.Progress()
	}
	return p, ok
}

// hlsEntry returns the entry of an HLS timeline that plays the source from an instant on.
func (in *input) hlsEntry(from time.Time, once bool) (hls.Entry, error) {
	segments, err := in.segments()
	if err != nil {
		return hls.Entry{}, err
	}
	_, remote := in.source.(source.Remote)
	// What precedes the first lap lies at the end of the file, and a remote source
	// would have to fetch that first.
	e := hls.Entry{Loop: segments, From: from, ColdStart: remote || once}
	if once {
		e.Laps = 1
	}
	return e, nil
}

// pictures returns how many pictures are due within the first ns nanoseconds of
// playing the loop; 0 if it has no pictures.
func (in *input) pictures(ns int64) int64 {
	v := in.loop.Video
	if v == nil || ns < 0 {
		return 0
	}
	length := in.loop.Length
	lap := media.MulDiv(ns/1_000_000_000, length.Den, length.Num)
	into := ns - media.MulDiv(lap*length.Num, 1_000_000_000, length.Den)
	at := media.MulDiv(into, int64(v.Track.Timescale), 1_000_000_000)
	due := sort.Search(v.Len(), func(u int) bool { return v.Unit(u).DTS > at })
	return lap*int64(v.Len()) + int64(due)
}

// pictureRate returns the mean number of pictures a second; 0 if there are none.
func (in *input) pictureRate() float64 {
	if in.loop.Video == nil {
		return 0
	}
	return float64(in.loop.Video.Len()) / in.loop.Length.Seconds()
}

// Close releases the source.
func (in *input) Close() error { return in.release() }
