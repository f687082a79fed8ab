// Package clip embeds the clip that plays if no source is named: exactly 10 s of
// 1280x720 at 25 pictures a second, H.264 High in closed GOPs of 25 pictures with
// two B pictures between references, and AAC-LC stereo at 48 kHz.
//
// All motion in it is periodic in ten seconds, so that the last picture flows
// into the first. The clip is made for measuring:
//
//   - The rectangle of [FlashX], [FlashY], [FlashWidth] and [FlashHeight] is
//     white (luma 235) in two pictures of every second, those at k s + [FlashAt]
//     and 40 ms later, and dark (luma below 32) in all others. Take the mean luma
//     of the rectangle without a border of 16 pixels: above 200 it is lit, below
//     60 it is dark.
//   - A tone of 1 kHz at −12 dB of full scale, the same in both channels, begins
//     with the sample at k s + [FlashAt] and lasts 80 ms, of which the last 5 ms
//     fade. The rest is digital silence. Before encoding, the onset is exact to
//     the sample; after decoding, take the first sample above a quarter of the peak.
//
// Flash and tone begin together: the offset between them at a decoder is the A/V
// offset of everything before it. Neither is near the end of the lap, because an
// AAC decoder needs the previous access unit, which is silent there.
//
// scene_test.go draws its pictures, and drawing_test.go the sound; `make clip` encodes
// both. The package must not import anything of LILO.
package clip

import (
	_ "embed" // for the file below.
	"io"
	"strings"
	"time"
)

//go:embed clip.mp4
var file string

// Name is the name of the clip in messages.
const Name = "the bundled clip"

// The duration of the clip and the rates of its tracks.
const (
	Seconds         = 10
	PicturesASecond = 25
	SampleRate      = 48_000
)

// FlashAt is where flash and tone begin in every second: with picture 12, sample 23,040.
const FlashAt = 480 * time.Millisecond

// The rectangle of the flash, in pixels from the upper left corner.
const (
	FlashX      = 736
	FlashY      = 496
	FlashWidth  = 448
	FlashHeight = 112
)

// Open returns the clip, an MP4 file, and its length in bytes. The reader is safe
// for concurrent use.
func Open() (io.ReaderAt, int64) { return strings.NewReader(file), int64(len(file)) }
