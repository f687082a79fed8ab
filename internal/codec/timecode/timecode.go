package timecode

import "github.com/lilo-live/lilo/internal/media"

// TimeCode is a label of a frame.
type TimeCode struct{ Hours, Minutes, Seconds, Frames int }

// Counter counts frames.
type Counter struct {
	// Rate is the number of frames in a second, exactly: Num ÷ Den.
	Rate media.Rational
	// DropFrame says that labels are left out so that they follow the clock at rates such
	// as 29.97: 2 of 30 at the start of each minute but every tenth (SMPTE ST 12-1, 5.2.2).
	DropFrame bool
}

// Valid reports whether the rate is one that time codes count: up to 300 frames a second.
func (c Counter) Valid() bool {
	return c.Rate.Num > 0 && c.Rate.Den > 0 && c.Nominal() >= 1 && c.Nominal() <= 300
}

// Nominal returns how many labels a second has.
func (c Counter) Nominal() int64 { return (media.MulDiv(2, c.Rate.Num, c.Rate.Den) + 1) / 2 }

// drop returns how many labels are left out in a minute.
func (c Counter) drop() int64 {
	if !c.DropFrame {
		return 0
	}
	return 2 * max(1, c.Nominal()/30)
}

// Number returns how many frames after 00:00:00:00 a frame is.
func (c Counter) Number(t TimeCode) int64 {
	minutes := int64(t.Hours)*60 + int64(t.Minutes)
	return (minutes*60+int64(t.Seconds))*c.Nominal() + int64(t.Frames) - c.drop()*(minutes-minutes/10)
}

// TimeCode is the inverse of Number. After a day it begins anew.
func (c Counter) TimeCode(n int64) TimeCode {
	fps, drop := c.Nominal(), c.drop()
	minute := 60*fps - drop // but every tenth
	ten := 10*minute + drop
	n -= media.FloorDiv(n, 144*ten) * 144 * ten
	tens, rest := n/ten, n%ten
	n += 9 * drop * tens
	if rest >= minute+drop {
		n += drop * ((rest - drop) / minute)
	}
	return TimeCode{int(n / fps / 3600), int(n / fps / 60 % 60), int(n / fps % 60), int(n % fps)}
}

// frames returns how many frames a time in units of 1/scale s lasts, to the nearest.
func (c Counter) frames(time, scale int64) int64 {
	return media.FloorDiv(2*media.MulDiv(time, c.Rate.Num, c.Rate.Den)+scale, 2*scale)
}

// tolerance is by how many frames a source's time codes may be off its times and be
// believed to run.
const tolerance = 2

// Follow returns the number of the frame at a place whose source says own, where the
// source's first frame is number first: the time codes run on from the epoch. In lap
// 0 they are those of the source, unless they do not run there either.
func (c Counter) Follow(own, first int64, at media.Place) int64 {
	if run := first + c.frames(at.Time-at.LapTime, at.Timescale); own < run-tolerance || own > run+tolerance {
		own = run
	}
	return own + c.frames(at.LapTime, at.Timescale)
}
