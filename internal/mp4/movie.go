package mp4

// maxTracks is how many tracks a file may have, all that nobody wants included.
const maxTracks = 1000

// movie is the moov box (ISO/IEC 14496-12, 8.2.1).
type movie struct {
	timescale  uint32
	list       []*track
	tracks     map[uint32]*track // those whose samples are wanted, by track_ID
	fragmented bool              // it says that fragments follow
}

// newMovie reads moov, but for the rows of the sample tables.
func newMovie(moov box) (*movie, error) {
	m := &movie{tracks: map[uint32]*track{}}
	var extends box
	for c, err := range moov.children(0) {
		if err != nil {
			return nil, err
		}
		switch string(c.kind[:]) {
		case "mvhd":
			err = m.readHeader(c)
		case "trak":
			err = m.readTrack(c)
		case "mvex":
			m.fragmented, extends = true, c
		}
		if err != nil {
			return nil, err
		}
	}
	return m, m.readDefaults(extends)
}

// readHeader reads mvhd (8.2.2).
func (m *movie) readHeader(b box) error {
	f := fields{box: b}
	version, _ := f.full()
	f.wide(version)
	f.wide(version)
	m.timescale = f.u32()
	return f.err()
}

func (m *movie) readTrack(b box) error {
	if len(m.list) == maxTracks {
		return b.damaged("is one of more than %d tracks", maxTracks)
	}
	t, err := newTrack(b, len(m.list)+1)
	if err == nil {
		m.list = append(m.list, t)
	}
	return err
}

// readDefaults reads the trex boxes of mvex (8.8.3).
func (m *movie) readDefaults(mvex box) error {
	for c, err := range mvex.children(0) {
		if err != nil {
			return err
		}
		if !c.kind.is("trex") {
			continue
		}
		f := fields{box: c}
		f.full()
		id := f.u32()
		d := defaults{f.u32(), f.u32(), f.u32(), f.u32()}
		if err := f.err(); err != nil {
			return err
		}
		for _, t := range m.list {
			if t.id == id {
				t.defaults = d
			}
		}
	}
	return nil
}
