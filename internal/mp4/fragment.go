package mp4

import "github.com/lilo-live/lilo/internal/fault"

// defaults is a trex box, or what a tfhd box makes of it (ISO/IEC 14496-12, 8.8.3).
type defaults struct {
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

// Flags of trun (8.8.8.1).
const (
	trunDataOffset = 0x001
	trunFirstFlags = 0x004
	trunDuration   = 0x100
	trunSize       = 0x200
	trunFlags      = 0x400
	trunCTO        = 0x800
)

// Sample flags (8.8.3.1): either means that decoding cannot begin with the sample.
const (
	sampleIsNonSync = 0x00010000
	sampleDependsOn = 0x01000000 // sample_depends_on 1; 2 says that it does not.
	sampleDependsMx = 0x03000000
)

// fragments adds the samples of all movie fragments to the tracks.
func (m *movie) fragments(file *source) error {
	for h, err := range file.boxes() {
		if err != nil {
			return err
		}
		if !h.kind.is("moof") {
			continue
		}
		if h.cut(file) {
			return fault.New(fault.Media, "the file ends at byte %d, within the movie fragment at byte %d: it is cut off; get it again", file.size, h.offset)
		}
		moof, err := file.load(h)
		if err != nil {
			return err
		}
		if err := m.fragment(file, moof); err != nil {
			return err
		}
	}
	return nil
}

// fragment adds the samples of one moof (8.8.4).
func (m *movie) fragment(file *source, moof box) error {
	f := trackFragment{movie: m, file: file, moof: moof.offset, data: moof.offset}
	for traf, err := range moof.children(0) {
		if err != nil {
			return err
		}
		if !traf.kind.is("traf") {
			continue
		}
		if err := f.read(traf); err != nil {
			return err
		}
	}
	return nil
}

// trackFragment reads the traf boxes of one moof, one after the other.
type trackFragment struct {
	movie *movie
	file  *source
	moof  int64  // where the moof box begins
	track *track // nil for a track that is not wanted
	defaults
	rap  run   // which samples are open random access points
	base int64 // what data offsets count from
	data int64 // where the next run's data lie, if it does not say
}

func (f *trackFragment) read(traf box) error {
	f.track, f.defaults, f.rap = nil, defaults{}, run{}
	if err := f.readGroups(traf); err != nil {
		return err
	}
	for c, err := range traf.children(0) {
		if err != nil {
			return err
		}
		switch string(c.kind[:]) {
		case "tfhd":
			err = f.readHeader(c)
		case "tfdt":
			err = f.readTime(c)
		case "trun":
			err = f.readRun(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readGroups reads the sample groups of the fragment, which stand behind its runs.
func (f *trackFragment) readGroups(traf box) error {
	for c, err := range traf.children(0) {
		if err != nil {
			return err
		}
		if c.kind.is("sbgp") {
			if err := readRandomAccess(c, &f.rap.table); err != nil {
				return err
			}
		}
	}
	return nil
}

// readHeader reads tfhd (8.8.7). Without an offset of its own, a fragment's data
// count from the moof if it says so or is the first, else from the end of the
// data of the fragment before it.
func (f *trackFragment) readHeader(b box) error {
	r := fields{box: b}
	_, flags := r.full()
	f.track = f.movie.tracks[r.u32()]
	if f.track != nil {
		f.defaults = f.track.defaults
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

// optional reads a field of 32 bits that is there when flag is not 0.
func (f *fields) optional(flag uint32, v *uint32) {
	if flag != 0 {
		*v = f.u32()
	}
}

// readTime reads tfdt (8.8.12).
func (f *trackFragment) readTime(b box) error {
	r := fields{box: b}
	version, _ := r.full()
	time := r.wide(version)
	if f.track == nil || r.short {
		return r.err()
	}
	if time > maxTime {
		return b.damaged("gives track %d the decoding time %d", f.track.id, time)
	}
	f.track.end = int64(time)
	return nil
}

// readRun reads trun (8.8.8). Those of tracks that are not wanted are read too,
// as long as the data of the next one may lie behind theirs.
func (f *trackFragment) readRun(b box) error {
	r := sampleRun{fields: fields{box: b}}
	_, r.flags = r.full()
	r.count = r.u32()
	if r.flags&trunDataOffset != 0 {
		f.data = f.base + int64(int32(r.u32()))
	}
	first := f.flags
	r.optional(r.flags&trunFirstFlags, &first)
	if err := r.check(); err != nil {
		return err
	}
	if f.track == nil {
		return f.pass(&r)
	}
	if r.count == 0 {
		return nil
	}
	if err := f.track.use(max(1, f.entry), f.track.samples+1); err != nil {
		return err
	}
	if !f.file.take(int64(r.count)) {
		return b.damaged("says that it has %d samples, with those before it more than the file has bytes", r.count)
	}
	return f.addRun(&r, first)
}
