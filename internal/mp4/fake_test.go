package mp4

import (
	"bytes"

	"github.com/lilo-live/lilo/internal/media"
)

// fake is a coding that knows nothing, so that tests need no real samples.
type fake struct {
	media.VideoDefaults
	codec  codec
	first  []byte
	config []byte
}

func newFake(e sampleEntry, first []byte) (media.Coding, error) {
	return fake{codec: e.codec, first: first, config: bytes.Clone(e.config)}, nil
}

func (fake) String() string                        { return "fake" }
func (fake) Codec() string                         { return "fake" }
func (fake) Size() (width, height int)             { return 0, 0 }
func (fake) StreamType() byte                      { return 0 }
func (fake) StreamID() byte                        { return 0 }
func (fake) SegmentFormat() media.SegmentFormat    { return media.AnySegmentFormat }
func (fake) Peek([]byte) (media.Picture, bool)     { return media.Dependent, true }
func (fake) Channels() int                         { return 2 }
func (fake) Descriptors() []byte                   { return nil }
func (fake) Buffer() media.Buffer                  { return media.Buffer{} }
func (fake) Extra(media.Marks) int                 { return 0 }
func (fake) SampleRate() int                       { return 48000 }
func (fake) FrameSamples() int                     { return 1024 }
func (fake) Silence() []byte                       { return nil }
func (fake) Picture([]byte) (media.Picture, error) { return media.Dependent, nil }

func (f fake) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	return append(append(dst, f.config...), sample...), nil
}
