package mp4

// tables is the sample table of a track (ISO/IEC 14496-12, 8.5 to 8.7), its
// rows still in the moov box.
type tables struct {
	stbl   box
	stts   table // 8.6.1.2: how many samples last how long
	ctts   table // 8.6.1.3: how many samples have which composition offset
	stss   table // 8.6.2: the numbers of the sync samples
	stps   table // QuickTime: those of the partial sync samples, which begin an open GOP
	rap    table // 8.9.2, sbgp of type "rap ": which samples are open random access points
	stsc   table // 8.7.4: how many samples the chunks hold
	chunks table // 8.7.5, stco or co64: where the chunks lie
	sizes  sizes // 8.7.3, stsz or stz2
}

// readTables reads stbl: the sample entries, and the tables but for their rows.
func (t *track) readTables(stbl box) error {
	t.tables.stbl = stbl
	for c, err := range stbl.children(0) {
		if err != nil {
			return err
		}
		if c.kind.is("stsd") {
			err = t.readEntries(c)
		} else {
			err = t.tables.read(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads one of the tables.
func (s *tables) read(b box) (err error) {
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
	case "stsz":
		s.sizes, err = newSizes(b)
	case "stz2":
		s.sizes, err = newCompactSizes(b)
	}
	return err
}

// readRandomAccess reads an sbgp box when it is about the random access points
// that stss leaves out since an open GOP begins there (ISO/IEC 14496-12, 8.9.2 and 10.4).
func readRandomAccess(b box, t *table) (err error) {
	f := fields{box: b}
	version, _ := f.full()
	if !newFourCC(f.next(4)).is("rap ") {
		return f.err()
	}
	if version == 1 {
		f.skip(4) // grouping_type_parameter
	}
	*t, err = f.table(8)
	return err
}

// check says which table is missing, where samples need it.
func (s *tables) check() error {
	switch {
	case s.sizes.count == 0:
		return nil
	case !s.stts.found:
		return missing(s.stbl, "stts")
	case !s.stsc.found:
		return missing(s.stbl, "stsc")
	case !s.chunks.found:
		return missing(s.stbl, "stco or co64")
	default:
		return nil
	}
}

// firstEntry returns the number of the sample entry that the first samples use,
// 0 when there are none.
func (s *tables) firstEntry() uint32 {
	if s.sizes.count == 0 || s.stsc.count == 0 {
		return 0
	}
	return s.stsc.u32(8)
}

// sizes is stsz or stz2: every sample of the same size, or a row for each.
type sizes struct {
	box   box
	count int
	same  uint32 // the size of every sample, 0 when each has its own
	bits  int    // the width of a row
	rows  []byte
}

// newSizes reads stsz (ISO/IEC 14496-12, 8.7.3.2).
func newSizes(b box) (sizes, error) {
	f := fields{box: b}
	f.full()
	s := sizes{box: b, bits: 32, same: f.u32()}
	s.count = int(f.u32())
	s.rows = f.rest()
	return s.checked(f.err())
}

// newCompactSizes reads stz2 (ISO/IEC 14496-12, 8.7.3.3).
func newCompactSizes(b box) (sizes, error) {
	f := fields{box: b}
	f.full()
	f.skip(3)
	s := sizes{box: b, bits: int(f.u8())}
	s.count = int(f.u32())
	s.rows = f.rest()
	if f.err() == nil && s.bits != 4 && s.bits != 8 && s.bits != 16 {
		return sizes{}, b.damaged("has sizes of %d bits", s.bits)
	}
	return s.checked(f.err())
}

// checked returns s when its rows are all there.
func (s sizes) checked(err error) (sizes, error) {
	if err != nil {
		return sizes{}, err
	}
	if fit := len(s.rows) * 8 / s.bits; s.same == 0 && s.count > fit {
		return sizes{}, s.box.damaged("says that it has %d entries, with room for %d", s.count, fit)
	}
	return s, nil
}

// at returns the size of sample i, from 0.
func (s *sizes) at(i int) uint32 {
	switch {
	case s.same != 0:
		return s.same
	case s.bits == 32:
		return uint32(s.rows[4*i])<<24 | uint32(s.rows[4*i+1])<<16 | uint32(s.rows[4*i+2])<<8 | uint32(s.rows[4*i+3])
	case s.bits == 16:
		return uint32(s.rows[2*i])<<8 | uint32(s.rows[2*i+1])
	case s.bits == 8:
		return uint32(s.rows[i])
	default: // The first of two lies in the upper half of the byte.
		return uint32(s.rows[i/2]>>(4-4*(i%2))) & 15
	}
}
