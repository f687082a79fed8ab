package loop

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Clipping is the part of an asset from one picture to another.
type Clipping struct {
	// Start and Stop are the first picture, and the one to stop at; nil is the first that
	// the file presents, and its end.
	Start, Stop *Timecode
	// IncludeLast plays the picture at Stop too.
	IncludeLast bool
	// Embedded counts from the timecode of the first sample, or that of the file's timecode
	// track. Without either the first picture that the file presents is 00:00:00:00.
	Embedded bool
}

// Timecode is a label of a picture.
type Timecode struct {
	timecode.TimeCode
	DropFrame bool
}

// String returns the label as HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame counting.
func (t Timecode) String() string {
	separator := ":"
	if t.DropFrame {
		separator = ";"
	}
	return fmt.Sprintf("%02d:%02d:%02d%s%02d", t.Hours, t.Minutes, t.Seconds, separator, t.Frames)
}

// NewClipped plans the lap of a part of an asset, as New does that of an edit: a part that
// begins within a GOP begins with the random access point before it. Faults are of kind Media
// and Source.
func NewClipped(a *media.Asset, c Clipping) (*Loop, error) {
	if a.Video == nil {
		return nil, fault.New(fault.Media, "the source has no pictures to clip it by: switch to it without inputClippingSettings")
	}
	p := newPresented(a.Video)
	var notes []media.Note
	uncounted := ""
	if c.Embedded && !p.countFrom(a.Video) {
		why, err := p.countFromContainer(a)
		if err != nil {
			return nil, err
		}
		if why != "" {
			uncounted = ": " + why + ", so pictures count from 00:00:00:00"
			notes = append(notes, media.NewNote(media.NoteClipping, a.Video.ID, "video track %d%s", a.Video.ID, uncounted))
		}
	}
	video := *a.Video
	if c.Start != nil {
		at, err := p.begin(*c.Start, 0)
		if err != nil {
			return nil, err
		}
		video.From = max(video.From, at)
		video.Start += video.From - a.Video.From
	}
	if c.Stop != nil {
		beyond := int64(0)
		if c.IncludeLast {
			beyond = 1
		}
		at, err := p.begin(*c.Stop, beyond)
		if err != nil {
			return nil, err
		}
		if at > p.end {
			notes = append(notes, media.NewNote(media.NoteClipping, video.ID, "video track %d: the clip stops at %s, and the source ends before it, with picture %s", video.ID, *c.Stop, p.label(p.count-1)))
		}
		video.To = min(video.To, at)
	}
	if !slices.ContainsFunc(video.Units, func(u media.AccessUnit) bool { return u.PTS() >= video.From && u.PTS() < video.To }) {
		return nil, fault.New(fault.Media, "no picture is left of the source: its pictures are %s to %s, and the clip starts at %s and stops at %s%s",
			p.label(0), p.label(p.count-1), orEnd(c.Start, "the first"), orEnd(c.Stop, "the last"), uncounted)
	}
	clipped := *a
	clipped.Video = &video
	l, err := newLoop(&clipped, "clip")
	if err != nil {
		return nil, err
	}
	l.Notes = append(notes, l.Notes...)
	return l, nil
}

func orEnd(t *Timecode, end string) string {
	if t == nil {
		return end
	}
	return t.String()
}

// presented are the pictures that a track presents, as timecodes count them.
type presented struct {
	count       int64
	first, end  int64            // the first PTS, and the last one with what a picture lasts
	spacing     media.Rational   // what a picture lasts, in units of the track's timescale
	counter     timecode.Counter // how labels count
	firstNumber int64            // the number of the first picture
}

func newPresented(t *media.Track) *presented {
	p := &presented{first: math.MaxInt64}
	last := int64(math.MinInt64)
	for _, u := range t.Units {
		if pts := u.PTS(); pts >= t.From && pts < t.To {
			p.count++
			p.first, last = min(p.first, pts), max(last, pts)
		}
	}
	if last > p.first {
		p.spacing = media.Rational{Num: last - p.first, Den: p.count - 1}.Reduce()
	} else {
		p.spacing = media.Rational{Num: t.LastDuration, Den: 1}
		p.first, last = t.Units[0].PTS(), t.Units[0].PTS()
	}
	p.counter.Rate = media.Rational{Num: int64(t.Timescale) * p.spacing.Den, Den: p.spacing.Num}
	// Of a variable rate, or one below 1 a second, timecodes count the time.
	if nominal := p.counter.Nominal(); math.Abs(p.counter.Rate.Seconds()/float64(nominal)-1) > unsteady {
		p.counter.Rate = media.Rational{Num: max(1, nominal), Den: 1}
		p.spacing = media.Rational{Num: int64(t.Timescale), Den: max(1, nominal)}
	}
	p.end = last + p.spacing.Num/p.spacing.Den
	return p
}

// unsteady is how far a mean rate is off a whole one, or 1000/1001 of that, if pictures do not
// last the same each.
const unsteady = 0.002

// timeCoded is a coding whose pictures have timecodes.
type timeCoded interface {
	// FirstTimeCode returns how the first sample's picture counts frames, and its number. The
	// counter's rate is 0 without a timecode.
	FirstTimeCode() (timecode.Counter, int64)
}

// countFrom counts from the timecode of the track's first sample, and reports whether it has one.
func (p *presented) countFrom(t *media.Track) bool {
	c, ok := t.Coding.(timeCoded)
	if !ok {
		return false
	}
	counter, number := c.FirstTimeCode()
	if counter.Rate.Num == 0 || counter.Nominal() != p.counter.Nominal() {
		return false
	}
	p.counter.DropFrame = counter.DropFrame
	p.firstNumber = number + media.MulDiv(p.first-t.Units[0].PTS()+p.spacing.Num/p.spacing.Den/2, p.spacing.Den, p.spacing.Num)
	return true
}

// countFromContainer counts from the asset's timecodes, or returns why it cannot.
func (p *presented) countFromContainer(a *media.Asset) (why string, err error) {
	c := a.Timecodes
	if c == nil || c.Offset > a.Size-4 {
		return "no timecode was found, neither in its pictures nor in a timecode track (tmcd)", nil
	}
	counter := timecode.Counter{Rate: c.Rate, DropFrame: c.DropFrame}
	if counter.Nominal() != p.counter.Nominal() {
		return fmt.Sprintf("the timecode track counts %d frames a second where there are %d pictures", counter.Nominal(), p.counter.Nominal()), nil
	}
	var first [4]byte
	if n, err := a.Source.ReadAt(first[:], c.Offset); n < len(first) {
		return "", fault.New(fault.Source, "the timecode track: reading 4 bytes at byte %d: %w", c.Offset, err)
	}
	const second = int64(time.Second)
	shown := media.MulDiv(a.Video.Start+p.first-a.Video.From, second, int64(a.Video.Timescale)) - int64(c.Start)
	p.counter.DropFrame = c.DropFrame
	p.firstNumber = int64(int32(binary.BigEndian.Uint32(first[:]))) + media.FloorDiv(2*media.MulDiv(shown, p.counter.Rate.Num, p.counter.Rate.Den)+second, 2*second)
	return "", nil
}

// begin returns when a picture, or one that many after it, can begin at the earliest: half of
// what it lasts before its time.
func (p *presented) begin(t Timecode, after int64) (int64, error) {
	counter := p.counter
	counter.DropFrame = counter.DropFrame || t.DropFrame
	if n := counter.Nominal(); int64(t.Frames) >= n {
		return 0, fault.New(fault.Media, "the clip is at %s, and the source has %d pictures a second: frames count to %d", t, n, n-1)
	}
	n := counter.Number(t.TimeCode) + after - p.firstNumber
	return p.first + media.MulDivCeil(2*n-1, p.spacing.Num, 2*p.spacing.Den), nil
}

// label returns the timecode of a presented picture, from 0 on.
func (p *presented) label(n int64) Timecode {
	return Timecode{p.counter.TimeCode(p.firstNumber + n), p.counter.DropFrame}
}
