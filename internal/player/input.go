// Package engine puts the parts of one channel together: it opens the source,
// plans the lap and the multiplex, and gives out the stream.
package player

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"sync"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/mp4"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// Input is an opened source with its planned multiplex.
type Input struct {
	spec channel.Spec
	*openSource
	plan    *mpegts.Plan
	release func() error
}

// openSource is what channels of one source share, whatever their multiplex.
type openSource struct {
	source source.Source
	file   *mp4.File
	loop   *loop.Loop
	// reel cuts the loop for HLS, when it is first asked for.
	reel func() (*hls.SegmentedLoop, error)
}

// InputOptions is what there is to say about opening a channel.
type InputOptions struct {
	// Source says what the source may be.
	Source source.Options
	// Encoding, if not nil, is told of the progress of encoding, by any goroutine.
	Encoding func(encode.Progress)
}

// LocalOptions is what the user of a command line may open: everything.
func LocalOptions() InputOptions {
	return InputOptions{Source: source.Options{Notify: func(line string) { slog.Warn(line) }, AllowFiles: true, AllowPrivate: true}}
}

// OpenInput opens the source of the spec and plans its multiplex. When ctx is done,
// a remote source that is not yet on air ends. Faults are of kind Source, Media
// or Rate.
func OpenInput(ctx context.Context, spec channel.Spec, opts InputOptions) (*Input, error) {
	c := newInput(spec)
	if err := c.open(ctx, opts); err != nil {
		return nil, errors.Join(c.named(err), c.Close())
	}
	return c, nil
}

// newInput returns a channel of which nothing is open yet, and that closes
// what will be.
func newInput(spec channel.Spec) *Input {
	c := &Input{spec: spec, openSource: &openSource{}}
	c.release = c.close
	return c
}

// open fills c step by step, so that Probe can tell how far it came.
func (c *Input) open(ctx context.Context, opts InputOptions) (err error) {
	if c.source, err = source.Open(ctx, c.spec.Source, opts.Source); err != nil {
		return err
	}
	if err = c.index(ctx, c.spec, opts); err != nil {
		return err
	}
	c.plan, err = mpegts.New(c.loop, config(c.spec))
	return err
}

// index encodes the source where that is asked for, reads its index and plans its lap.
func (m *openSource) index(ctx context.Context, spec channel.Spec, opts InputOptions) (err error) {
	if m.source, err = encode.Open(ctx, m.source, spec.Source, spec.Encode, opts.Encoding); err != nil {
		return err
	}
	if m.file, err = mp4.Open(m.source, m.source.Size()); err != nil {
		return err
	}
	m.loop, err = loop.New(m.file.Asset)
	m.reel = sync.OnceValues(func() (*hls.SegmentedLoop, error) { return hls.NewSegmentedLoop(m.loop) })
	return err
}

// close releases the source.
func (m *openSource) close() error {
	if m.source == nil {
		return nil
	}
	return m.source.Close()
}

// named puts the source's name before an error that does not tell it: those of
// what the source holds.
func (c *Input) named(err error) error {
	switch kind := fault.KindOf(err); kind {
	case fault.Media, fault.Rate:
		return fault.New(kind, "%s: %w", c.Name(), err)
	default:
		return err
	}
}

// Source returns what the spec calls the source.
func (c *Input) Source() string { return c.spec.Source }

// BitRate returns the rate of the multiplex in bit/s.
func (c *Input) BitRate() int64 { return c.plan.BitRate() }

// Name returns the name of the source as it may be shown.
func (c *Input) Name() string {
	if c.spec.Source == "" {
		return clip.Name
	}
	return source.Redact(c.spec.Source)
}

// SSRC identifies the channel's RTP stream (RFC 3550, 5.1). It follows from
// the channel's name, so that a channel that is started again goes on with it.
func (c *Input) SSRC() uint32 {
	h := fnv.New32a()
	h.Write([]byte(c.spec.Name))
	return h.Sum32()
}

// Stream returns a stream of its own for the channel; streams are independent of each other.
func (c *Input) Stream() playout.Stream {
	return &stream{channel: c, plan: c.plan, packets: c.plan.NewMuxer(), idle: c.plan.NewIdleMuxer()}
}

// Close releases the source.
func (c *Input) Close() error { return c.release() }
