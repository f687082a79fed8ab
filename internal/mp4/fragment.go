package mp4

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sampleDefaults holds the defaults of a trex box (ISO/IEC 14496-12, 8.8.3) with
// what a tfhd box overrides.
type sampleDefaults struct {
	entry    uint32
	duration uint32
	size     uint32
	flags    uint32
}

// Flags of tfhd (8.8.7.1).
const (
	tfhdBaseDataOffset  = 0x000001
	tfhdEntry           = 0x000002
	tfhdDuration        = 0x000008
	tfhdSize            = 0x000010
	tfhdFlags           = 0x000020
	tfhdDefaultBaseMoof = 0x020000
)

// readFragments adds the samples of all movie fragments to the selected tracks. What
// a recorder left unfinished at the end of the file becomes a note.
func (m *movie) readFragments(file *fileReader) error {
	for h, err := range file.boxes(0) {
		switch {
		case err != nil && m.fragments > 0 && fault.KindOf(err) == fault.Media:
			m.note(media.NoteCutOff, "the file holds no box at byte %d: the %d bytes from there on are left out", h.offset, file.size-h.offset)
			return nil
		case err != nil:
			return err
		case h.kind.is("ftyp"):
			m.origin = h.offset
		case h.kind.is("emsg"):
			m.events++
		case h.kind.is("moov") && h.offset > m.offset:
			if joined, err := m.join(file, h); err != nil || !joined {
				return err
			}
		case h.kind.is("moof") && h.truncated(file):
			m.note(media.NoteCutOff, "the file ends at byte %d, within the header of the movie fragment at byte %d: the lap ends with the fragments before it; get the whole file for the rest",
				file.size, h.offset)
			return nil
		case h.kind.is("moof"):
			if err := m.readFragment(file, h); err != nil {
				return err
			}
		}
	}
	m.noteLost(file)
	return nil
}

// readFragment adds the samples of one moof box.
func (m *movie) readFragment(file *fileReader, h boxHeader) error {
	if m.beyond != nil { // This is not the last fragment: its samples are not cut off, but somewhere else.
		return m.beyond
	}
	moof, err := file.load(h)
	if err != nil {
		return err
	}
	if err := m.align(moof); err != nil {
		return err
	}
	m.fragments++
	f := trackFragment{movie: m, file: file, moof: moof.offset, data: moof.offset}
	return moof.each(0, f.read)
}

// noteLost says which samples lie beyond the end of the file.
func (m *movie) noteLost(file *fileReader) {
	if m.beyond == nil {
		return
	}
	var lost []string
	for _, t := range m.selected {
		if t.lost > 0 {
			lost = append(lost, fmt.Sprintf("%d of track %d", t.lost, t.id))
		}
	}
	slices.Sort(lost)
	m.note(media.NoteCutOff, "the file ends at byte %d, within its last fragment: the samples of which not all is there are left out (%s); get the whole file for the rest",
		file.size, strings.Join(lost, ", "))
}

// trackFragment reads the traf boxes of one moof in order (8.8.6).
type trackFragment struct {
	movie     *movie
	file      *fileReader
	moof      int64            // offset of the moof box
	track     *track           // nil if it is not selected
	timecodes *media.Timecodes // nil if it is no timecode track
	sampleDefaults
	rap  runReader // which samples are open random access points
	base int64     // what data offsets count from
	data int64     // offset of the next run's data, unless it says otherwise
}

// read reads a traf box. Its sample groups follow its runs but are needed first.
func (f *trackFragment) read(traf box) error {
	if !traf.kind.is("traf") {
		return nil
	}
	f.track, f.sampleDefaults, f.rap = nil, sampleDefaults{}, runReader{}
	if err := f.readGroups(traf); err != nil {
		return err
	}
	return traf.each(0, func(c box) error {
		switch string(c.kind[:]) {
		case "tfhd":
			return f.readHeader(c)
		case "tfdt":
			return f.readTime(c)
		case "trun":
			return f.readRun(c)
		}
		return nil
	})
}

func (f *trackFragment) readGroups(traf box) error {
	return traf.each(0, func(c box) error {
		if !c.kind.is("sbgp") {
			return nil
		}
		return readRandomAccess(c, &f.rap.table)
	})
}

// readHeader reads tfhd (8.8.7). Without a base data offset, data offsets count
// from the moof if a flag says so or the fragment is the first one, otherwise from
// the end of the previous fragment's data.
func (f *trackFragment) readHeader(b box) error {
	r := fieldReader{box: b}
	_, flags := r.versionAndFlags()
	id := r.u32()
	f.track, f.timecodes = f.movie.selected[id], f.movie.timecodes[id]
	if f.track != nil {
		f.sampleDefaults = f.track.defaults
	}
	if flags&tfhdDefaultBaseMoof != 0 {
		f.data = f.moof
	}
	if flags&tfhdBaseDataOffset != 0 {
		f.data = f.movie.origin + int64(min(r.u64(), maxTime))
	}
	f.base = f.data
	r.optional(flags&tfhdEntry, &f.entry)
	r.optional(flags&tfhdDuration, &f.duration)
	r.optional(flags&tfhdSize, &f.size)
	r.optional(flags&tfhdFlags, &f.flags)
	return r.err()
}

// readTime reads tfdt (8.8.12).
func (f *trackFragment) readTime(b box) error {
	r := fieldReader{box: b}
	version, _ := r.versionAndFlags()
	time := r.versioned(version)
	if f.track == nil || r.short {
		return r.err()
	}
	if time > maxTime {
		return b.damaged("gives track %d the decoding time %d", f.track.id, time)
	}
	f.track.resume(int64(time))
	return nil
}
