package mp4

import "github.com/lilo-live/lilo/internal/fault"

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

// readFragments adds the samples of all movie fragments to the selected tracks.
func (m *movie) readFragments(file *fileReader) error {
	for h, err := range file.boxes() {
		if err != nil {
			return err
		}
		if !h.kind.is("moof") {
			continue
		}
		if h.truncated(file) {
			return fault.New(fault.Media, "the file ends at byte %d, within the movie fragment at byte %d: it is cut off; get it again", file.size, h.offset)
		}
		moof, err := file.load(h)
		if err != nil {
			return err
		}
		f := trackFragment{movie: m, file: file, moof: moof.offset, data: moof.offset}
		if err := moof.each(0, f.read); err != nil {
			return err
		}
	}
	return nil
}

// trackFragment reads the traf boxes of one moof in order (8.8.6).
type trackFragment struct {
	movie *movie
	file  *fileReader
	moof  int64  // offset of the moof box
	track *track // nil if it is not selected
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
	f.track = f.movie.selected[r.u32()]
	if f.track != nil {
		f.sampleDefaults = f.track.defaults
	}
	if flags&tfhdDefaultBaseMoof != 0 {
		f.data = f.moof
	}
	if flags&tfhdBaseDataOffset != 0 {
		f.data = int64(min(r.u64(), maxTime))
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
	f.track.end = int64(time)
	return nil
}
