package mp4

import (
	"github.com/lilo-live/lilo/internal/media"
)

// Limits of what is believed of a file's own list of random access points, and of
// what is read to check it.
const (
	// firstUnits and firstBytes bound the stretch at the beginning of the media in
	// which every sample is looked at.
	firstUnits = 16
	firstBytes = 256 << 10
	// A list with a gap of more than both is not believed.
	longGapSeconds  = 20
	longGapPictures = 600
	// headSize is how many bytes of a sample are looked at first: the slice header comes
	// earlier in most. Where samples are small, up to maxHeads bytes are read at once.
	headSize = 512
	maxHeads = 64 << 10
)

// findRandomAccess makes the random access points of a video track those that its
// samples say they are (ISO/IEC 13818-1, 2.4.3.5). The file's own list, stss or the
// flags of fragments, is believed if it is plausible and right about the beginning
// of the media, so that the start of a long or remote file costs nothing.
// Otherwise every sample is looked at.
func findRandomAccess(file *fileReader, t *media.Track) error {
	l := lookout{file: file, coding: t.Video(), units: t.Units, budget: 2 * file.size}
	first, err := l.pictures(beginning(t.Units))
	if err != nil || agree(t.Units, first) && plausible(t) {
		return err
	}
	all, err := l.pictures(len(t.Units))
	if err != nil {
		return err
	}
	intra := acceptIntra(all)
	for i, p := range all {
		if p == media.IntraOnly && intra {
			p = media.RecoveryPoint
		}
		t.Units[i] = t.Units[i].WithPicture(p)
	}
	return nil
}

// plausible reports whether a list names a second picture, and then one often enough.
func plausible(t *media.Track) bool {
	long := func(from, to int) bool {
		return to-from > longGapPictures && t.Units[to-1].DTS-t.Units[from].DTS > longGapSeconds*int64(t.Timescale)
	}
	last, count := 0, 0
	for i, u := range t.Units {
		if !u.RandomAccess() {
			continue
		}
		if long(last, i) {
			return false
		}
		last, count = i, count+1
	}
	return (count > 1 || count == len(t.Units)) && !long(last, len(t.Units))
}

// agree reports whether the flags of the first units are what their samples say.
func agree(units []media.AccessUnit, pictures []media.Picture) bool {
	intra := onlyIntra(pictures)
	for i, p := range pictures {
		if p == media.GradualRefresh || units[i].RandomAccess() != (p.RandomAccess() || intra) {
			return false
		}
	}
	return true
}

// acceptIntra reports whether decoding can begin with intra pictures that do not say
// so: if there are no others, or none that says so.
func acceptIntra(pictures []media.Picture) bool {
	better := false
	for _, p := range pictures {
		better = better || p.RandomAccess()
	}
	return !better || onlyIntra(pictures)
}

// onlyIntra reports whether no picture refers to another.
func onlyIntra(pictures []media.Picture) bool {
	for _, p := range pictures {
		if p != media.IntraOnly && !p.RandomAccess() || p == media.GradualRefresh {
			return false
		}
	}
	return true
}

// lookout reads from samples how their pictures depend on others.
type lookout struct {
	file   *fileReader
	coding media.VideoCoding
	units  []media.AccessUnit
	buf    []byte
	at     int64 // the offset of buf in the file
	ahead  int   // how many bytes to read at once
	// budget is how many bytes of whole samples may be read: samples that share
	// their bytes take no more than the file has.
	budget int64
}

// beginning returns how many units lie at the beginning of the media.
func beginning(units []media.AccessUnit) int {
	n := min(firstUnits, len(units))
	for i := range n {
		if d := units[i].Offset - units[0].Offset; d < 0 || d > firstBytes {
			return i
		}
	}
	return n
}

// pictures looks at the first n units. What is damaged is media.Dependent.
func (l *lookout) pictures(n int) ([]media.Picture, error) {
	list := make([]media.Picture, n)
	for i, u := range l.units[:n] {
		head, err := l.head(u)
		if err != nil {
			return nil, err
		}
		p, sure := l.coding.Peek(head)
		if size := int64(u.Size()); !sure && size <= l.budget {
			l.budget -= size
			if p, err = l.whole(u); err != nil {
				return nil, err
			}
		}
		list[i] = p
	}
	return list, nil
}

// head returns the first bytes of a sample. It reads further ahead the longer the
// samples follow each other closely.
func (l *lookout) head(u media.AccessUnit) ([]byte, error) {
	n := min(u.Size(), headSize)
	end := l.at + int64(len(l.buf))
	if u.Offset < l.at || u.Offset+int64(n) > end {
		l.ahead *= 2
		if u.Offset < l.at || u.Offset > end+headSize {
			l.ahead = headSize
		}
		l.ahead = min(max(l.ahead, headSize), maxHeads)
		if err := l.read(u.Offset, int(min(int64(l.ahead), l.file.size-u.Offset))); err != nil {
			return nil, err
		}
	}
	from := u.Offset - l.at
	return l.buf[from : from+int64(n)], nil
}

func (l *lookout) whole(u media.AccessUnit) (media.Picture, error) {
	end := l.at + int64(len(l.buf))
	if u.Offset < l.at || u.Offset+int64(u.Size()) > end {
		if err := l.read(u.Offset, u.Size()); err != nil {
			return media.Dependent, err
		}
	}
	from := u.Offset - l.at
	if p, err := l.coding.Picture(l.buf[from : from+int64(u.Size())]); err == nil {
		return p, nil
	}
	return media.Dependent, nil // Whoever sends the sample reports the damage.
}

func (l *lookout) read(at int64, n int) error {
	if cap(l.buf) < n {
		l.buf = make([]byte, n)
	}
	l.buf, l.at = l.buf[:n], at
	if err := l.file.read(l.buf, at); err != nil {
		l.buf = l.buf[:0]
		return err
	}
	return nil
}
