package mp4

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// expand turns the sample tables into access units, in one pass, and lets go of the tables.
func (t *track) expand(file *source) error {
	tab := &t.tables
	defer func() { t.tables = tables{} }()
	if err := tab.check(); err != nil {
		return err
	}
	n := tab.sizes.count
	if !file.take(int64(n)) {
		return tab.sizes.box.damaged("says that track %d has %d samples, more than the file has bytes", t.id, n)
	}
	t.units = make([]media.AccessUnit, 0, n)
	chunks, times, offsets := newChunks(t, file), run{table: tab.stts}, run{table: tab.ctts}
	sync, partial, group := numbers{table: tab.stss}, numbers{table: tab.stps}, run{table: tab.rap}
	everySync := !tab.stss.found || t.handler.is("soun")
	for i := range n {
		s := sample{size: tab.sizes.at(i)}
		if err := chunks.next(&s); err != nil {
			return err
		}
		if !times.next(&s.duration) {
			return tab.stts.box.damaged("gives the durations of %d samples, where track %d has %d", i, t.id, n)
		}
		var cto uint32 // Signed in version 1; negative offsets are common in version 0 too.
		if tab.ctts.found && !offsets.next(&cto) {
			return tab.ctts.box.damaged("gives the composition offsets of %d samples, where track %d has %d", i, t.id, n)
		}
		s.cto = int32(cto)
		number := uint32(i + 1)
		s.sync = group.member() || everySync || sync.has(number) || partial.has(number)
		if err := t.add(file, s); err != nil {
			return err
		}
	}
	return nil
}

// run walks a table of counts and values: stts, ctts or sbgp.
type run struct {
	table table
	row   int
	left  uint32
	value uint32
}

// next sets v to the value for the next sample, and returns false when there is none.
func (r *run) next(v *uint32) bool {
	for r.left == 0 {
		if r.row == r.table.count {
			return false
		}
		r.left, r.value = r.table.u32(8*r.row), r.table.u32(8*r.row+4)
		r.row++
	}
	r.left--
	*v = r.value
	return true
}

// member reports whether the next sample belongs to a group, by its index in an
// sbgp box. Samples behind the last row belong to none.
func (r *run) member() bool {
	var index uint32
	return r.next(&index) && index != 0
}

// numbers walks a table of rising sample numbers: stss or stps.
type numbers struct {
	table table
	row   int
}

// has reports whether the table names sample n, for rising n.
func (s *numbers) has(n uint32) bool {
	for s.row < s.table.count && s.table.u32(4*s.row) < n {
		s.row++
	}
	return s.row < s.table.count && s.table.u32(4*s.row) == n
}

// chunks walks stsc and stco or co64 together, sample by sample.
type chunks struct {
	track  *track
	file   *source
	stsc   table
	stco   table
	wide   bool
	row    int    // of stsc, the one after that which holds for the chunk
	number uint32 // of the chunk, from 1
	per    uint32 // samples a chunk
	until  uint32 // the chunk at which the next row of stsc begins
	left   uint32 // samples left in the chunk
	offset int64  // of the next sample
}

func newChunks(t *track, file *source) chunks {
	c := chunks{track: t, file: file, stsc: t.tables.stsc, stco: t.tables.chunks, until: 1}
	c.wide = c.stco.box.kind.is("co64")
	return c
}

// next sets where the sample lies.
func (c *chunks) next(s *sample) error {
	for c.left == 0 {
		if err := c.open(); err != nil {
			return err
		}
	}
	c.left--
	s.offset = c.offset
	c.offset += int64(s.size)
	return nil
}

// open goes to the next chunk.
func (c *chunks) open() error {
	if int(c.number) == c.stco.count {
		return c.stco.box.damaged("and stsc hold %d chunks with %d samples, where track %d has %d",
			c.stco.count, c.track.samples, c.track.id, c.track.tables.sizes.count)
	}
	c.number++
	if c.number == c.until {
		if err := c.nextRow(); err != nil {
			return err
		}
	}
	c.left = c.per
	if !c.wide {
		c.offset = int64(c.stco.u32(4 * int(c.number-1)))
		return nil
	}
	offset := c.stco.u64(8 * int(c.number-1))
	if offset > maxTime {
		return c.stco.box.damaged("puts chunk %d at byte %d", c.number, offset)
	}
	c.offset = int64(offset)
	return nil
}

// nextRow takes the row of stsc that begins with the chunk.
func (c *chunks) nextRow() error {
	if c.row >= c.stsc.count {
		return c.stsc.box.damaged("does not say how many samples chunk %d holds", c.number)
	}
	at := 12 * c.row
	if first := c.stsc.u32(at); first != c.number {
		return c.stsc.box.damaged("gives chunk %d in entry %d, where %d is next", first, c.row+1, c.number)
	}
	c.per = c.stsc.u32(at + 4)
	if err := c.track.use(c.stsc.u32(at+8), c.track.samples+1); err != nil {
		return err
	}
	c.row++
	c.until = 0 // There is no chunk 0: the last row holds for all that follow.
	if c.row < c.stsc.count {
		c.until = c.stsc.u32(12 * c.row)
		if c.until <= c.number {
			return c.stsc.box.damaged("goes back to chunk %d in entry %d", c.until, c.row+1)
		}
	}
	return nil
}

// use checks that sample entry n, which holds from a sample on, says the same as
// the track's first one: a transport stream gets one configuration a track.
func (t *track) use(n uint32, from int64) error {
	if n == t.used {
		return nil
	}
	if n == 0 || uint64(n) > uint64(len(t.entries)) {
		return damaged("track %d, sample %d has sample entry %d of %d", t.id, from, n, len(t.entries))
	}
	e := &t.entries[n-1]
	if t.used != 0 && !e.alike && !e.same(&t.entries[t.used-1]) {
		return fault.New(fault.Media, "track %d changes its coding parameters at sample %d (sample entry %d): --encode would make it one stream", t.id, from, n)
	}
	t.used, e.alike = n, true
	return nil
}
