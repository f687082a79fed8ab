package mp4

// sampleRun is a trun box, read up to its rows.
type sampleRun struct {
	fields
	flags uint32
	count uint32
}

// width is how many bytes a row has.
func (r *sampleRun) width() (n int) {
	for _, flag := range []uint32{trunDuration, trunSize, trunFlags, trunCTO} {
		if r.flags&flag != 0 {
			n += 4
		}
	}
	return n
}

// check makes sure that all rows are there.
func (r *sampleRun) check() error {
	if err := r.err(); err != nil {
		return err
	}
	if w := r.width(); uint64(r.count)*uint64(w) > uint64(len(r.rest())) {
		return r.box.damaged("says that it has %d entries, with room for %d", r.count, len(r.rest())/w)
	}
	return nil
}

// next reads a row, with the defaults for what it does not say.
func (r *sampleRun) next(d defaults, flags uint32) sample {
	r.optional(r.flags&trunDuration, &d.duration)
	r.optional(r.flags&trunSize, &d.size)
	r.optional(r.flags&trunFlags, &flags)
	var cto uint32
	r.optional(r.flags&trunCTO, &cto)
	return sample{duration: d.duration, size: d.size, cto: int32(cto), sync: flags&(sampleIsNonSync|sampleDependsMx)&^(2*sampleDependsOn) == 0}
}

// addRun adds the samples of the run to the track. first holds the flags of the first one.
func (f *trackFragment) addRun(r *sampleRun, first uint32) error {
	t := f.track
	t.reserve(f.file, f.moof, int(r.count), len(f.movie.tracks))
	sound := t.handler.is("soun")
	for i := range r.count {
		flags := f.flags
		if i == 0 {
			flags = first
		}
		s := r.next(f.defaults, flags)
		s.offset, s.sync = f.data, f.rap.member() || s.sync || sound
		if err := t.add(f.file, s); err != nil {
			return err
		}
		f.data = min(maxTime, f.data+int64(s.size))
	}
	return nil
}

// pass steps over the data of a run that is not wanted.
func (f *trackFragment) pass(r *sampleRun) error {
	if r.flags&trunSize == 0 {
		f.data = min(maxTime, f.data+int64(r.count)*int64(f.size))
		return nil
	}
	for range r.count {
		f.data = min(maxTime, f.data+int64(r.next(f.defaults, 0).size))
	}
	return nil
}
