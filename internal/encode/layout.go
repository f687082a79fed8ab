package encode

import (
	"math"

	"github.com/lilo-live/lilo/internal/channel"
)

// audioLayout is how the access units of an audio track are put together:
//
//	head · body · tail, and after them a second tail that is one unit longer
//
// Head and tails come from encodings that continue across the boundary between
// two laps, the body from an encoding of the whole source. docs/explanation/encoding.md
// explains why there are two tails. All counts are access units.
type audioLayout struct {
	unitSamples      int // samples per access unit
	units            int // in a short lap; a long lap has one more
	exact            bool
	alone            bool // without a picture: all laps have units access units
	head, body, tail int
	// margin is how many units are encoded before and after those that are
	// kept, so that the encoder is in the state of a continuous encoding.
	margin int
	// guard is how many units at the end of a lap are not stretched.
	guard int
	// padding is how many silent samples to insert before the sound so that an
	// access unit begins where the sound does, and firstUnit the index of that unit.
	padding, firstUnit int
}

// Counts for laps that are long enough.
const (
	headUnits   = 16
	marginUnits = 16
	guardUnits  = 4
)

// tailSeconds is the time over which up to one access unit is gained or lost:
// 21 ms in 20 s, a change of pitch of two cents.
const tailSeconds = 20

// newAudioLayout lays out a lap of length samples, which need not be whole. alone
// says that no picture decides how long a lap is: it takes the nearest number of
// access units.
func newAudioLayout(codec string, length float64, sampleRate int, alone bool) audioLayout {
	samples, delay := codecTiming(codec)
	l := audioLayout{unitSamples: samples, margin: marginUnits}
	l.padding = (samples - delay%samples) % samples
	l.firstUnit = (l.padding + delay) / samples
	l.units = int(length / float64(l.unitSamples))
	if l.alone = alone; alone {
		l.units = int(math.Round(length / float64(l.unitSamples)))
	}
	l.exact = length == float64(l.units*l.unitSamples)
	l.head = min(headUnits, l.units/4)
	l.tail = min(tailSeconds*sampleRate/l.unitSamples, l.units-l.head)
	if l.exact {
		l.tail = min(headUnits, l.units-l.head)
	}
	l.guard = min(guardUnits, l.tail/4)
	l.body = l.units - l.head - l.tail
	return l
}

// codecTiming returns how many samples an access unit of the codec holds, and by
// how many ffmpeg's encoder delays the sound.
func codecTiming(codec string) (unitSamples, delay int) {
	switch codec {
	case channel.CodecAC3:
		return 1536, 256
	case channel.CodecMP2:
		return 1152, 481
	}
	return 1024, 1024
}
