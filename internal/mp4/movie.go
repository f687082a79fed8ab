package mp4

import "github.com/lilo-live/lilo/internal/media"

// maxTracks is how many tracks a file may have, including those that are not selected.
const maxTracks = 1000

// movie is the moov box (ISO/IEC 14496-12, 8.2.1).
type movie struct {
	timescale  uint32
	matrix     matrix
	tracks     []*track
	selected   map[uint32]*track           // by track_ID
	timecodes  map[uint32]*media.Timecodes // of the timecode tracks, by track_ID
	fragmented bool
	offset     int64 // of the moov box
	notes      []media.Note
	selection  selection

	// While fragments are read:
	fragments int   // so far
	events    int   // event messages so far
	origin    int64 // of the recording in the file, which base data offsets count from
	beyond    error // the first sample beyond the end of the file
}

// note notes something about the file as a whole.
func (m *movie) note(kind media.NoteKind, format string, args ...any) {
	m.notes = append(m.notes, media.NewNote(kind, 0, format, args...))
}

// newMovie reads moov, except for the rows of the sample tables.
func newMovie(moov box) (*movie, error) {
	m := &movie{selected: map[uint32]*track{}, timecodes: map[uint32]*media.Timecodes{}, offset: moov.offset}
	var mvex box
	err := moov.each(0, func(c box) error {
		switch string(c.kind[:]) {
		case "mvhd":
			return m.readHeader(c)
		case "trak":
			return m.readTrack(c)
		case "udta":
			m.readUserData(c)
		case "mvex":
			m.fragmented, mvex = true, c
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	m.markChapters()
	return m, mvex.each(0, m.readDefaults)
}

// readHeader reads mvhd (8.2.2).
func (m *movie) readHeader(b box) error {
	f := fieldReader{box: b}
	version, _ := f.times()
	m.timescale = f.u32()
	if err := f.err(); err != nil {
		return err
	}
	f.versioned(version) // duration
	f.skip(16)           // rate, volume, reserved
	m.matrix = f.matrix()
	return nil
}

func (m *movie) readTrack(b box) error {
	if len(m.tracks) == maxTracks {
		return b.damaged("is one of more than %d tracks", maxTracks)
	}
	t, err := newTrack(b, len(m.tracks)+1)
	if err == nil {
		m.tracks = append(m.tracks, t)
		if t.timecodes != nil {
			m.timecodes[t.id] = t.timecodes
		}
	}
	return err
}

// readDefaults reads a trex box (8.8.3).
func (m *movie) readDefaults(b box) error {
	if !b.kind.is("trex") {
		return nil
	}
	f := fieldReader{box: b}
	f.versionAndFlags()
	id := f.u32()
	d := sampleDefaults{f.u32(), f.u32(), f.u32(), f.u32()}
	for _, t := range m.tracks {
		if t.id == id {
			t.defaults = d
		}
	}
	return f.err()
}
