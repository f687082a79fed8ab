package channel

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// Clipping is the part of a source from one picture to another. The zero Clipping is all of it.
type Clipping struct {
	// Start and Stop are timecodes: HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame counting. ""
	// is the first picture, and the end of the source.
	Start string `json:",omitempty"`
	Stop  string `json:",omitempty"`
	// IncludeLast plays the picture at Stop too.
	IncludeLast bool `json:",omitempty"`
	// Embedded counts from the timecode of the source's first picture, if that has one,
	// instead of from 00:00:00:00.
	Embedded bool `json:",omitempty"`
}

// Check reports a timecode that is none, or a stop that does not come after the start.
func (c Clipping) Check() error {
	start, err := c.StartTimecode()
	if err != nil {
		return err
	}
	stop, err := c.StopTimecode()
	if err != nil || start == nil || stop == nil {
		return err
	}
	if n := stop.compare(*start); n < 0 || n == 0 && !c.IncludeLast {
		return fmt.Errorf("no picture is left: it stops at %s, and starts at %s", c.Stop, c.Start)
	}
	return nil
}

// StartTimecode returns the timecode of the first picture, nil for that of the source.
func (c Clipping) StartTimecode() (*Timecode, error) { return parseTimecode(c.Start) }

// StopTimecode returns the timecode of the picture to stop at, nil for the end of the source.
func (c Clipping) StopTimecode() (*Timecode, error) { return parseTimecode(c.Stop) }

// Timecode is a label of a picture (SMPTE ST 12-1).
type Timecode struct {
	Hours, Minutes, Seconds, Frames int
	// DropFrame says that labels are left out so that they follow the clock at 29.97 pictures a second.
	DropFrame bool
}

// maxFrames is how many pictures a second has at most in a timecode.
const maxFrames = 300

// parseTimecode returns the timecode in a text, nil for "".
func parseTimecode(text string) (*Timecode, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // It is left out.
	}
	m := regexp.MustCompile(`^(\d{2}):(\d{2}):(\d{2})([:;])(\d{2,3})$`).FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("%q is not a timecode: write HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame counting", text)
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(m[i])
		return n
	}
	t := &Timecode{number(1), number(2), number(3), number(5), m[4] == ";"}
	if t.Hours > 23 || t.Minutes > 59 || t.Seconds > 59 || t.Frames >= maxFrames {
		return nil, fmt.Errorf("%q is not a timecode: the last second of a day is 23:59:59", text)
	}
	return t, nil
}

// compare returns −1, 0 or 1 for a timecode before, at or after another.
func (t Timecode) compare(other Timecode) int {
	return cmp.Or(cmp.Compare(t.Hours, other.Hours), cmp.Compare(t.Minutes, other.Minutes),
		cmp.Compare(t.Seconds, other.Seconds), cmp.Compare(t.Frames, other.Frames))
}
