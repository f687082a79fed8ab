package mp4

import (
	"encoding/binary"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// sampleTable is the sample table of a track (ISO/IEC 14496-12, 8.5 to 8.7).
// Its rows stay in the moov box until expand reads them.
type sampleTable struct {
	stbl   box
	stts   table // 8.6.1.2: durations
	ctts   table // 8.6.1.3: composition offsets
	stss   table // 8.6.2: numbers of the sync samples
	stps   table // QuickTime: numbers of the partial sync samples, which begin an open GOP
	rap    table // 8.9.2, sbgp of type "rap ": which samples are open random access points
	stsc   table // 8.7.4: how many samples a chunk holds
	chunks table // 8.7.5, stco or co64: where the chunks lie
	sizes  sampleSizes
}

// readTable reads stbl: the sample entries, and the tables except for their rows.
func (t *track) readTable(stbl box) error {
	t.table.stbl = stbl
	return stbl.each(0, func(c box) error {
		if c.kind.is("stsd") {
			return t.readEntries(c)
		}
		return t.table.read(c)
	})
}

// read reads one of the tables.
func (s *sampleTable) read(b box) (err error) {
	switch string(b.kind[:]) {
	case "stts":
		s.stts, err = newTable(b, 8)
	case "ctts":
		s.ctts, err = newTable(b, 8)
	case "stss":
		s.stss, err = newTable(b, 4)
	case "stps":
		s.stps, err = newTable(b, 4)
	case "sbgp":
		err = readRandomAccess(b, &s.rap)
	case "stsc":
		s.stsc, err = newTable(b, 12)
	case "stco":
		s.chunks, err = newTable(b, 4)
	case "co64":
		s.chunks, err = newTable(b, 8)
	case "stsz", "stz2":
		s.sizes, err = newSampleSizes(b)
	}
	return err
}

// readRandomAccess reads an sbgp box if it lists the random access points that
// stss omits because an open GOP begins there (ISO/IEC 14496-12, 8.9.2 and 10.4).
func readRandomAccess(b box, t *table) (err error) {
	f := fieldReader{box: b}
	version, _ := f.versionAndFlags()
	if !newFourCC(f.next(4)).is("rap ") {
		return f.err()
	}
	if version == 1 {
		f.skip(4) // grouping_type_parameter
	}
	*t, err = f.table(8)
	return err
}

// check reports a missing table.
func (s *sampleTable) check() error {
	switch {
	case s.sizes.count == 0:
	case !s.stts.found:
		return s.stbl.missing("stts")
	case !s.stsc.found:
		return s.stbl.missing("stsc")
	case !s.chunks.found:
		return s.stbl.missing("stco or co64")
	}
	return nil
}

// firstEntry returns the number of the first samples' sample entry, 0 if there are no samples.
func (s *sampleTable) firstEntry() uint32 {
	if s.sizes.count == 0 || s.stsc.count == 0 {
		return 0
	}
	return s.stsc.u32(8)
}

// sampleSizes is stsz or stz2 (8.7.3): one size for all samples, or a row for each.
type sampleSizes struct {
	box   box
	count int
	same  uint32 // the size of every sample, 0 if each has its own
	bits  int    // the width of a row
	rows  *rows
}

// newSampleSizes reads stsz or stz2 and checks that all rows exist.
func newSampleSizes(b box) (sampleSizes, error) {
	f := fieldReader{box: b}
	f.versionAndFlags()
	s := sampleSizes{box: b, bits: 32}
	if b.kind.is("stsz") {
		s.same = f.u32()
	} else {
		f.skip(3)
		s.bits = int(f.u8())
	}
	s.count = int(f.u32())
	s.rows = f.rows()
	if err := f.err(); err != nil {
		return sampleSizes{}, err
	}
	if s.bits != 4 && s.bits != 8 && s.bits != 16 && s.bits != 32 {
		return sampleSizes{}, b.damaged("has sizes of %d bits", s.bits)
	}
	if room := s.rows.len() * 8 / int64(s.bits); s.same == 0 && int64(s.count) > room {
		return sampleSizes{}, b.damaged("says that it has %d entries, with room for %d", s.count, room)
	}
	return s, nil
}

// size returns the size of sample i, from 0, in bytes.
func (s *sampleSizes) size(i int) uint32 {
	switch {
	case s.same != 0:
		return s.same
	case s.bits == 32:
		return binary.BigEndian.Uint32(s.rows.from(4*i, 4))
	case s.bits == 16:
		return uint32(binary.BigEndian.Uint16(s.rows.from(2*i, 2)))
	case s.bits == 8:
		return uint32(s.rows.from(i, 1)[0])
	default: // The first of two lies in the upper half of the byte.
		return uint32(s.rows.from(i/2, 1)[0]>>(4-4*(i%2))) & 15
	}
}

// expand turns the sample table into access units in one pass, and releases the table.
func (t *track) expand(file *fileReader) error {
	err := t.expandTable(file)
	if file.failed != nil { // What was read in its place may be any error.
		return file.failed
	}
	return err
}

func (t *track) expandTable(file *fileReader) error {
	tab := &t.table
	defer func() { t.table = sampleTable{} }()
	if err := tab.check(); err != nil {
		return err
	}
	n := tab.sizes.count
	if excess := file.takeSamples(int64(n)); excess != "" {
		return tab.sizes.box.damaged("says that track %d has %d samples, %s", t.id, n, excess)
	}
	t.units = make([]media.AccessUnit, 0, min(n, freeSamples))
	chunks := newChunkReader(t)
	durations, offsets, groups := runReader{table: tab.stts}, runReader{table: tab.ctts}, runReader{table: tab.rap}
	sync, partialSync := numberReader{table: tab.stss}, numberReader{table: tab.stps}
	allSync := !tab.stss.found || t.handler.is("soun")
	for i := range n {
		if len(t.units) == freeSamples && cap(t.units) == freeSamples { // So many are no lie.
			t.units = slices.Grow(t.units, n-i)
		}
		s := sample{size: tab.sizes.size(i)}
		if err := chunks.next(&s); err != nil {
			return err
		}
		if !durations.next(&s.duration) {
			return tab.stts.box.damaged("gives the durations of %d samples, where track %d has %d", i, t.id, n)
		}
		var cto uint32 // Signed in version 1; negative offsets are common in version 0 too.
		if tab.ctts.found && !offsets.next(&cto) {
			return tab.ctts.box.damaged("gives the composition offsets of %d samples, where track %d has %d", i, t.id, n)
		}
		s.cto = int32(cto)
		number := uint32(i + 1)
		s.sync = groups.nextInGroup() || allSync || sync.has(number) || partialSync.has(number)
		if err := t.add(file, s); err != nil {
			return err
		}
	}
	return nil
}
