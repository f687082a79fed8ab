package mp4

// track is a trak box as it is read, and the access units it expands to.
type track struct {
	box       box
	id        uint32
	enabled   bool
	handler   fourCC
	timescale uint32
	language  string
	entries   []entry
	external  bool // its samples lie in another file
	tables    tables
	edits     []edit
	tail      int // of media.Track
	defaults  defaults

	index
}

// newTrack reads everything of a trak box but the rows of its tables. number
// is its place among the tracks, from 1.
func newTrack(b box, number int) (*track, error) {
	t := &track{box: b, id: uint32(number), enabled: true, language: undetermined}
	for c, err := range b.children(0) {
		if err != nil {
			return nil, err
		}
		switch string(c.kind[:]) {
		case "tkhd":
			err = t.readHeader(c)
		case "edts":
			err = t.readEdits(c)
		case "udta":
			t.readTail(c)
		case "mdia":
			err = t.readMedia(c)
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// readHeader reads tkhd (ISO/IEC 14496-12, 8.3.2).
func (t *track) readHeader(b box) error {
	f := fields{box: b}
	version, flags := f.full()
	t.enabled = flags&1 != 0
	f.wide(version)
	f.wide(version)
	if id := f.u32(); id != 0 {
		t.id = id
	}
	return f.err()
}

// readTail reads what the encoder of this program says of the sound it made to
// loop (docs/explanation/encoding.md). Whatever else udta holds, damaged or not, is nothing to it.
func (t *track) readTail(udta box) {
	if b, found, err := udta.find("ltal"); err == nil && found {
		f := fields{box: b, at: 4}
		if n := f.u32(); f.err() == nil && n < maxTail {
			t.tail = int(n)
		}
	}
}

// maxTail bounds the units of a tail.
const maxTail = 1 << 20

// readMedia reads mdia. The handler comes first, since it says how to read the sample entries.
func (t *track) readMedia(mdia box) error {
	if hdlr, found, err := mdia.find("hdlr"); err != nil {
		return err
	} else if found {
		f := fields{box: hdlr, at: 8}
		t.handler = newFourCC(f.next(4))
		if err := f.err(); err != nil {
			return err
		}
	}
	if !t.handler.is("vide", "soun") {
		return nil
	}
	if err := t.readTimescale(mdia); err != nil {
		return err
	}
	if elng, found, err := mdia.find("elng"); err != nil {
		return err
	} else if found && t.language == undetermined && len(elng.body) > 4 {
		t.language = extendedLanguage(elng.body[4:])
	}
	return t.readInformation(mdia)
}

// readTimescale reads mdhd (ISO/IEC 14496-12, 8.4.2).
func (t *track) readTimescale(mdia box) error {
	mdhd, found, err := mdia.find("mdhd")
	if err != nil {
		return err
	}
	if !found {
		return missing(mdia, "mdhd")
	}
	f := fields{box: mdhd}
	version, _ := f.full()
	f.wide(version)
	f.wide(version)
	t.timescale = f.u32()
	f.wide(version)
	t.language = unpackLanguage(f.u16())
	if f.err() == nil && t.timescale == 0 {
		return mdhd.damaged("gives track %d a timescale of 0", t.id)
	}
	return f.err()
}

// readInformation reads minf: where the samples are and how they are coded.
func (t *track) readInformation(mdia box) error {
	minf, found, err := mdia.find("minf")
	if err != nil {
		return err
	}
	if !found {
		return missing(mdia, "minf")
	}
	if err := t.readReferences(minf); err != nil {
		return err
	}
	stbl, found, err := minf.find("stbl")
	if err != nil {
		return err
	}
	if !found {
		return missing(minf, "stbl")
	}
	return t.readTables(stbl)
}

// readReferences looks whether the samples lie in this file (ISO/IEC 14496-12, 8.7.2).
func (t *track) readReferences(minf box) error {
	dref, found, err := minf.find("dinf", "dref")
	if err != nil || !found {
		return err
	}
	for c, err := range dref.children(8) {
		if err != nil {
			return err
		}
		f := fields{box: c}
		_, flags := f.full()
		t.external = flags&1 == 0
		if !t.external {
			return nil
		}
	}
	return nil
}

// readEntries reads stsd (ISO/IEC 14496-12, 8.5.2).
func (t *track) readEntries(b box) error {
	f := fields{box: b}
	version, _ := f.full()
	f.u32() // entry_count: the boxes say it too.
	if err := f.err(); err != nil {
		return err
	}
	for c, err := range b.children(8) {
		if err != nil {
			return err
		}
		e, err := newEntry(c, t.handler, version)
		if err != nil {
			return err
		}
		t.entries = append(t.entries, e)
	}
	return nil
}

// entry returns the sample entry that the track's first samples use, nil when there is none.
func (t *track) entry() *entry {
	n := t.tables.firstEntry()
	if n == 0 {
		n = max(1, t.defaults.entry)
	}
	if uint64(n) > uint64(len(t.entries)) {
		return nil
	}
	return &t.entries[n-1]
}

// why says what keeps the track from being carried, "" when nothing does.
func (t *track) why() string {
	switch e := t.entry(); {
	case t.external:
		return "has its samples in another file: remux it into one with ffmpeg -i IN -c copy OUT.mp4"
	case e == nil:
		return "has no sample entry to say how it is coded: remux it with ffmpeg -i IN -c copy OUT.mp4"
	default:
		return e.why
	}
}

// name names the track's coding for people.
func (t *track) name() string {
	switch e := t.entry(); {
	case e == nil:
		return unknown.String()
	case e.form != unknown:
		return e.form.String()
	default:
		return e.name
	}
}
