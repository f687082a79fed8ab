package encode

import "github.com/lilo-live/lilo/internal/channel"

// lapUnits is how the units of a track of sound are put together:
//
//	head · body · tail, and behind them another tail that is one unit longer
//
// Head and tails come from encodings that go on across the seam, the body from
// one of the whole source.
type lapUnits struct {
	step             int // samples of a unit
	floor            int // units of a short lap
	exact            bool
	head, body, tail int
	// around is how many units are encoded before and behind what is kept, so
	// that the encoder is in the state it would be in.
	around int
	guard  int
}

// The parts in units, where the lap is long enough for them.
const (
	headUnits   = 16
	aroundUnits = 16
	guardUnits  = 4
)

// tailSeconds is over how much of the end of a lap up to a unit is gained or
// lost: 21 ms in 20 s, a change of pitch of two cents.
const tailSeconds = 20

// newLapUnits lays out a lap that lasts length samples.
func newLapUnits(codec string, length float64, rate int) lapUnits {
	l := lapUnits{step: unitSamples(codec), around: aroundUnits, guard: guardUnits}
	l.floor = int(length / float64(l.step))
	l.exact = length == float64(l.floor*l.step)
	l.head = min(headUnits, l.floor/4)
	l.tail = min(tailSeconds*rate/l.step, l.floor-l.head)
	if l.exact {
		l.tail = min(headUnits, l.floor-l.head)
	}
	l.guard = min(l.guard, l.tail/4)
	l.body = l.floor - l.head - l.tail
	return l
}

// unitSamples is how many samples a unit of the codec holds.
func unitSamples(codec string) int {
	switch codec {
	case channel.CodecAC3:
		return 1536
	case channel.CodecMP2:
		return 1152
	}
	return 1024
}

// encoderDelay is by how many samples the decoded sound is later than what the
// encoder of ffmpeg was given.
func encoderDelay(codec string) int {
	switch codec {
	case channel.CodecAC3:
		return 256
	case channel.CodecMP2:
		return 481
	}
	return 1024
}

// pad is how many silent samples go before the sound so that units begin where
// it does, and shift which unit is then the first of it.
func (l *lapUnits) pad(codec string) (pad, shift int) {
	delay := encoderDelay(codec)
	pad = (l.step - delay%l.step) % l.step
	return pad, (pad + delay) / l.step
}
