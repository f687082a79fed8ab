package mp4

import (
	"cmp"
	"errors"
)

// Flags of trun (ISO/IEC 14496-12, 8.8.8.1).
const (
	trunDataOffset = 0x001
	trunFirstFlags = 0x004
	trunDuration   = 0x100
	trunSize       = 0x200
	trunFlags      = 0x400
	trunCTO        = 0x800
)

// Sample flags (8.8.3.1): with either, decoding cannot begin with the sample.
const (
	sampleIsNonSync = 0x00010000
	sampleDependsOn = 0x01000000 // sample_depends_on is 1; 2 says that it does not depend on others.
	sampleDependsMx = 0x03000000
)

// trackRun is a trun box, read up to its rows.
type trackRun struct {
	fieldReader
	flags uint32
	count uint32
}

// readRun reads trun (8.8.8). Runs of tracks that are not selected are read
// too, because the data of the next run may follow theirs.
func (f *trackFragment) readRun(b box) error {
	r := trackRun{fieldReader: fieldReader{box: b}}
	_, r.flags = r.versionAndFlags()
	r.count = r.u32()
	if r.flags&trunDataOffset != 0 {
		f.data = f.base + int64(int32(r.u32()))
	}
	firstFlags := f.flags
	r.optional(r.flags&trunFirstFlags, &firstFlags)
	if err := r.check(); err != nil {
		return err
	}
	if f.track == nil {
		if f.timecodes != nil && f.timecodes.Offset == 0 && r.count > 0 {
			f.timecodes.Offset = f.data
		}
		f.skipRun(&r)
		return nil
	}
	if r.count == 0 {
		return nil
	}
	if err := f.track.useEntry(max(1, f.entry)); err != nil {
		return err
	}
	if excess := f.file.takeSamples(int64(r.count)); excess != "" {
		return b.damaged("says that it has %d samples, with those before it %s", r.count, excess)
	}
	return f.addRun(&r, firstFlags)
}

// addRun adds the samples of the run to the track.
func (f *trackFragment) addRun(r *trackRun, firstFlags uint32) error {
	t := f.track
	t.reserve(f.file, f.moof, int(r.count), len(f.movie.selected))
	audio := t.handler.is("soun")
	for i := range r.count {
		flags := f.flags
		if i == 0 {
			flags = firstFlags
		}
		s := r.next(f.sampleDefaults, flags)
		s.offset, s.sync = f.data, f.rap.nextInGroup() || s.sync || audio
		if err := f.add(s); err != nil {
			return err
		}
		f.data = min(maxTime, f.data+int64(s.size))
	}
	return nil
}

// add adds a sample. One beyond the end of the file is left out: whether the file was
// cut off there turns out with the next fragment.
func (f *trackFragment) add(s sample) error {
	err := f.track.add(f.file, s)
	if err == nil {
		return nil
	}
	if beyond := (*beyondError)(nil); !errors.As(err, &beyond) || f.track.lost == 0 {
		return err
	}
	f.movie.beyond = cmp.Or(f.movie.beyond, err)
	return nil
}

// skipRun advances over the data of the run.
func (f *trackFragment) skipRun(r *trackRun) {
	if r.flags&trunSize == 0 {
		f.data = min(maxTime, f.data+int64(r.count)*int64(f.size))
		return
	}
	for range r.count {
		f.data = min(maxTime, f.data+int64(r.next(f.sampleDefaults, 0).size))
	}
}

// check checks that all rows exist.
func (r *trackRun) check() error {
	if err := r.err(); err != nil {
		return err
	}
	width := 0 // of a row, in bytes
	for _, flag := range []uint32{trunDuration, trunSize, trunFlags, trunCTO} {
		if r.flags&flag != 0 {
			width += 4
		}
	}
	if uint64(r.count)*uint64(width) > uint64(len(r.rest())) {
		return r.box.damaged("says that it has %d entries, with room for %d", r.count, len(r.rest())/width)
	}
	return nil
}

// next reads a row, with the defaults for what it omits.
func (r *trackRun) next(d sampleDefaults, flags uint32) sample {
	var cto uint32
	r.optional(r.flags&trunDuration, &d.duration)
	r.optional(r.flags&trunSize, &d.size)
	r.optional(r.flags&trunFlags, &flags)
	r.optional(r.flags&trunCTO, &cto)
	return sample{duration: d.duration, size: d.size, cto: int32(cto), sync: flags&(sampleIsNonSync|sampleDependsMx)&^(2*sampleDependsOn) == 0}
}
