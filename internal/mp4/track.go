package mp4

import (
	"math"

	"github.com/lilo-live/lilo/internal/media"
)

// track is a trak box and the access units that it expands to.
type track struct {
	box       box
	id        uint32
	enabled   bool
	handler   fourCC
	timescale uint32
	language  string
	entries   []sampleEntry
	format    fourCC   // of the first sample entry, of other tracks than pictures and sound
	chapters  []uint32 // the tracks that it names as its chapters
	chapter   bool     // another track names it
	// timecodes are those of a timecode track, nil for others; timecodeTrack is the one
	// that a track refers to, 0 for none.
	timecodes     *media.Timecodes
	timecodeTrack uint32
	external      bool // its samples lie in another file
	table         sampleTable
	edits         []edit
	tail          int // see media.Track
	defaults      sampleDefaults
	matrix        matrix
	spherical     string // what a box of the track says of its pictures
	head          []byte // the beginning of the sample that decoding begins with
	declared      int64  // how long the media lasts, by mdhd; 0 if it does not say

	sampleIndex
}

// newTrack reads a trak box, except for the rows of its tables. number is its
// place among the tracks, from 1.
func newTrack(b box, number int) (*track, error) {
	t := &track{box: b, id: uint32(number), enabled: true, language: undetermined}
	return t, b.each(0, func(c box) error {
		switch string(c.kind[:]) {
		case "tkhd":
			return t.readHeader(c)
		case "edts":
			return t.readEdits(c)
		case "udta":
			t.readTail(c)
		case "tref":
			t.readReferenced(c)
		case "uuid":
			t.readExtension(c)
		case "mdia":
			return t.readMedia(c)
		}
		return nil
	})
}

// readHeader reads tkhd (ISO/IEC 14496-12, 8.3.2).
func (t *track) readHeader(b box) error {
	f := fieldReader{box: b}
	version, flags := f.times()
	t.enabled = flags&1 != 0
	if id := f.u32(); id != 0 {
		t.id = id
	}
	if err := f.err(); err != nil {
		return err
	}
	f.skip(4)
	f.versioned(version) // duration
	f.skip(16)           // reserved, layer, alternate_group, volume
	t.matrix = f.matrix()
	return nil
}

// readTail reads the box ltal of a mezzanine (docs/explanation/encoding.md). Whatever else
// udta holds does not matter, even if it is damaged.
func (t *track) readTail(udta box) {
	const maxTail = 1 << 20 // access units
	if b, found, err := udta.find("ltal"); err == nil && found {
		f := fieldReader{box: b, at: 4}
		if n := f.u32(); f.err() == nil && n < maxTail {
			t.tail = int(n)
		}
	}
}

// readMedia reads mdia. The handler comes first because it determines how
// sample entries are read.
func (t *track) readMedia(mdia box) error {
	if hdlr, found, err := mdia.find("hdlr"); err != nil {
		return err
	} else if found {
		f := fieldReader{box: hdlr, at: 8}
		t.handler = newFourCC(f.next(4))
		if err := f.err(); err != nil {
			return err
		}
	}
	if !t.handler.is("vide", "soun") {
		t.readOther(mdia)
		return nil
	}
	if err := t.readMediaHeader(mdia); err != nil {
		return err
	}
	if elng, found, err := mdia.find("elng"); err != nil {
		return err
	} else if found && t.language == undetermined && len(elng.body) > 4 {
		t.language = extendedLanguage(elng.body[4:])
	}
	minf, err := mdia.require("minf")
	if err != nil {
		return err
	}
	if err := t.readReferences(minf); err != nil {
		return err
	}
	stbl, err := minf.require("stbl")
	if err != nil {
		return err
	}
	return t.readTable(stbl)
}

// readMediaHeader reads mdhd (ISO/IEC 14496-12, 8.4.2).
func (t *track) readMediaHeader(mdia box) error {
	mdhd, err := mdia.require("mdhd")
	if err != nil {
		return err
	}
	f := fieldReader{box: mdhd}
	version, _ := f.times()
	t.timescale = f.u32()
	t.declared = declaredDuration(version, f.versioned(version))
	t.language = unpackLanguage(f.u16())
	if f.err() == nil && t.timescale == 0 {
		return mdhd.damaged("gives track %d a timescale of 0", t.id)
	}
	return f.err()
}

// declaredDuration returns a duration of mdhd, 0 for one that is unknown: all ones.
func declaredDuration(version byte, v uint64) int64 {
	if version == 0 && v == math.MaxUint32 || v > maxTime {
		return 0
	}
	return int64(v)
}

// readReferences finds out whether the samples lie in this file (ISO/IEC 14496-12, 8.7.2).
func (t *track) readReferences(minf box) error {
	dref, found, err := minf.find("dinf", "dref")
	if err != nil || !found {
		return err
	}
	references, local := 0, 0
	err = dref.each(8, func(c box) error {
		f := fieldReader{box: c}
		_, flags := f.versionAndFlags()
		references++
		local += int(flags & 1)
		return nil
	})
	t.external = references > 0 && local == 0
	return err
}

// readEntries reads stsd (ISO/IEC 14496-12, 8.5.2).
func (t *track) readEntries(b box) error {
	f := fieldReader{box: b}
	version, _ := f.versionAndFlags()
	f.skip(4) // entry_count
	if err := f.err(); err != nil {
		return err
	}
	return b.each(8, func(c box) error {
		e, err := newSampleEntry(c, t.handler, version)
		t.entries = append(t.entries, e)
		return err
	})
}

// firstEntry returns the sample entry of the track's first samples, nil if there is none.
func (t *track) firstEntry() *sampleEntry {
	n := t.table.firstEntry()
	if n == 0 {
		n = max(1, t.defaults.entry)
	}
	if uint64(n) > uint64(len(t.entries)) {
		return nil
	}
	return &t.entries[n-1]
}

// unsupported says why the track cannot be carried, "" if it can.
func (t *track) unsupported() string {
	switch e := t.firstEntry(); {
	case t.external:
		return "has its samples in another file: remux it into one with ffmpeg -enable_drefs 1 -i IN -c copy OUT.mp4"
	case e == nil:
		return "has no sample entry to say how it is coded: remux it with ffmpeg -i IN -c copy OUT.mp4"
	default:
		return e.unsupported
	}
}

// codecName returns the name of the track's codec for people.
func (t *track) codecName() string {
	switch e := t.firstEntry(); {
	case e == nil:
		return codecUnknown.String()
	case e.codec != codecUnknown:
		return e.codec.String()
	default:
		return e.name
	}
}
