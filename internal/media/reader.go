package media

import "fmt"

// runLimit is how many bytes a Reader reads at once. The samples of a track are
// adjacent, or nearly so, and reading many of them costs no more than reading one.
const runLimit = 64 << 10

// Reader reads the samples of access units, several adjacent ones at a time. It
// belongs to one goroutine.
type Reader struct {
	asset *Asset
	track *Track
	units []AccessUnit
	buf   []byte
	at    int64 // the offset of buf in the source
}

// NewReader returns a reader of units, which belong to a track of the asset.
func NewReader(a *Asset, t *Track, units []AccessUnit) *Reader {
	return &Reader{asset: a, track: t, units: units}
}

// Sample returns the sample of unit i. The bytes are valid until the next call.
func (r *Reader) Sample(i int) ([]byte, error) {
	u := r.units[i]
	n := int64(u.Size())
	if u.Offset < r.at || u.Offset+n > r.at+int64(len(r.buf)) {
		if err := r.read(i); err != nil {
			return nil, err
		}
	}
	from := u.Offset - r.at
	return r.buf[from : from+n : from+n], nil
}

// read fills the buffer with unit i and those that follow, as long as three
// quarters of the bytes are theirs.
func (r *Reader) read(i int) error {
	start := r.units[i].Offset
	end := start + int64(r.units[i].Size())
	used := end - start
	for _, v := range r.units[i+1:] {
		until := v.Offset + int64(v.Size())
		used += int64(v.Size())
		if v.Offset < end || until-start > runLimit || used < (until-start)*3/4 {
			break
		}
		end = until
	}
	n := int(end - start)
	if cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	r.buf, r.at = r.buf[:n], start
	if read, err := r.asset.Source.ReadAt(r.buf, start); read < n {
		r.buf = r.buf[:0]
		return fmt.Errorf("track %d, %d bytes at byte %d: %w", r.track.ID, n, start, short(err))
	}
	return nil
}
