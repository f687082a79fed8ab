package monitor

import "slices"

// maxReordered is how many pictures may wait to be presented: no coding reorders more.
const maxReordered = 64

// joining is how long after a loss, or after the beginning, pictures may be missing
// because others were never received, in ticks of 90 kHz.
const joining = 90_000

// presented is a picture in presentation order.
type presented struct {
	pts    int64 // on the clock of the order
	packet int64
	// excused says that something else explains a gap, or an overlap, at the picture.
	excused bool
}

// presentationOrder puts pictures, which come in decoding order, in the order in which they are
// presented, and measures the steps between them, in ticks of 90 kHz.
type presentationOrder struct {
	started bool
	dts     int64 // of the last picture, counted on over wraps
	lastDTS int64 // the same modulo 2³³
	excused int64 // the dts until which pictures may be missing
	waiting []presented
	last    presented // the last one that was presented
	shown   bool
	steps   steps
	// duplicates counts pictures that are presented together with another or before it.
	duplicates int64
}

// reset forgets the pictures before a loss or a jump.
func (o *presentationOrder) reset() {
	o.started, o.shown, o.waiting = false, false, o.waiting[:0]
}

// excuse says that a picture came of which no more is known than that it came.
func (o *presentationOrder) excuse() {
	o.excused = o.dts + joining
	for i := range o.waiting {
		o.waiting[i].excused = true
	}
}

// add takes the next picture in decoding order. regular reports that its DTS follows
// the one before by a step that the stream has elsewhere too. It returns the steps of
// the pictures that were presented together with another.
func (o *presentationOrder) add(pts, dts, packet int64, regular bool) (duplicates []stepPlace) {
	if !o.started {
		o.started, o.dts = true, 0
		o.excused = joining
	} else {
		o.dts += wrapped(dts, o.lastDTS, stampWrap)
	}
	o.lastDTS = dts
	if !regular {
		for i := range o.waiting {
			o.waiting[i].excused = true
		}
	}
	p := presented{pts: o.dts + wrapped(pts, dts, stampWrap), packet: packet, excused: !regular || o.dts < o.excused}
	i, _ := slices.BinarySearchFunc(o.waiting, p, func(a, b presented) int { return int(a.pts - b.pts) })
	o.waiting = slices.Insert(o.waiting, i, p)
	// No picture that comes later may be presented before this DTS.
	for len(o.waiting) > 0 && (o.waiting[0].pts < o.dts || len(o.waiting) > maxReordered) {
		duplicates = o.present(o.waiting[0], duplicates)
		o.waiting = slices.Delete(o.waiting, 0, 1)
	}
	return duplicates
}

func (o *presentationOrder) present(p presented, duplicates []stepPlace) []stepPlace {
	step := p.pts - o.last.pts
	switch {
	case !o.shown:
	case step <= 1:
		o.duplicates++
		duplicates = append(duplicates, stepPlace{p.packet, step})
	case !p.excused && !o.last.excused:
		o.steps.add(step, p.packet)
	}
	o.last, o.shown = p, true
	return duplicates
}

// misplaced returns the steps of presentation that are none of decoding: those that
// are shorter than the usual one, where pictures overlap, and those that are longer,
// where some are missing.
func (o *presentationOrder) misplaced(decoding *steps) (overlaps, gaps int64, at []stepPlace) {
	if decoding.variable() || decoding.mode == 0 {
		return 0, 0, nil
	}
	usual := func(step int64) bool {
		for v, times := range decoding.times {
			if nearStep(step, v) && times*50 >= decoding.count {
				return true
			}
		}
		return false
	}
	for step, times := range o.steps.times {
		switch {
		case usual(step):
		case step < decoding.mode:
			overlaps += times
		default:
			gaps += times
		}
	}
	for _, p := range o.steps.irregularAt {
		if !usual(p.step) {
			at = append(at, p)
		}
	}
	return overlaps, gaps, at
}

// pictureCounter counts the pictures that begin in a PES packet, by their start codes.
type pictureCounter struct {
	coding coding
	code   uint32 // the last four bytes
	after  int    // bytes since a start code that wait for their header, 0 for none
	first  byte
	count  int
}

// write takes bytes of the PES packet's data.
func (c *pictureCounter) write(b []byte) {
	for _, v := range b {
		c.code = c.code<<8 | uint32(v)
		if c.after > 0 {
			c.header(v)
		}
		if c.code&0xffffff == 1 {
			c.after = 1
		}
	}
}

// header takes a byte after a start code: the first slice of a picture says so.
func (c *pictureCounter) header(v byte) {
	n := c.after
	c.after++
	switch {
	case n == 1:
		c.first = v
		if c.coding == codingMPEG1Video || c.coding == codingMPEG2Video {
			c.picture(v == 0)
		}
		if c.coding == codingMPEG4Video {
			c.picture(v == 0xb6)
		}
	case c.coding == codingH264: // first_mb_in_slice of 0 (ISO/IEC 14496-10, 7.3.3)
		kind := c.first & 0x1f
		c.picture((kind == 1 || kind == 2 || kind == 5) && v&0x80 != 0)
	case c.coding == codingHEVC && n == 3: // first_slice_segment_in_pic_flag (ISO/IEC 23008-2, 7.3.6.1)
		c.picture(c.first>>1&0x3f < 32 && v&0x80 != 0)
	case n > 3:
		c.after = 0
	}
}

func (c *pictureCounter) picture(begins bool) {
	if c.after = 0; begins {
		c.count++
	}
}
