package mp4

import (
	"cmp"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

const (
	// surveyBytes is how many bytes of samples Open reads whole to see what is in them.
	surveyBytes = 512 << 10
	// surveyPoints is how many random access points of a larger file Survey looks at, and
	// surveyHead how many bytes of each: parameter sets come first.
	surveyPoints = 512
	surveyHead   = 4 << 10
)

// setsCoding is a coding whose samples may hold parameter sets and damage.
type setsCoding interface {
	media.VideoCoding
	// Damage returns what cannot be used of a sample.
	Damage(sample []byte) media.DamageError
	// WithSets returns the coding of what follows the sample, with the parameter sets in
	// it. other is false if it has no others.
	WithSets(sample []byte) (c media.VideoCoding, other bool)
	// HasSets reports whether decoding can begin with the sample alone.
	HasSets(sample []byte) bool
}

// Survey looks at the random access points of the video track, up to a number, to see
// where the parameter sets change for the samples after them. Call it for a source
// whose reads cost little. Open has done so for small files.
func (f *File) Survey() error {
	t := f.Asset.Video
	if t == nil || videoSize(t) <= surveyBytes {
		return nil
	}
	return survey(newFileReader(f.Asset.Source, f.Asset.Size), f.Asset, surveyHead)
}

// surveySmall reads the samples of the video track if they are few, notes what cannot be
// used of them, and finds where their parameter sets change for the samples after them.
func surveySmall(file *fileReader, a *media.Asset) error {
	if videoSize(a.Video) > surveyBytes {
		return nil
	}
	return survey(file, a, surveyBytes)
}

// videoSize returns the bytes of a track's samples, or enough of them to be too many.
func videoSize(t *media.Track) int {
	size := 0
	for i := range t.Units {
		if size += t.Units[i].Size(); size > surveyBytes {
			break
		}
	}
	return size
}

// survey looks at the first most bytes of each sample, of random access points alone
// where these are not all.
func survey(file *fileReader, a *media.Asset, most int) error {
	t := a.Video
	if _, ok := baseCoding(t).(setsCoding); !ok {
		return nil
	}
	s := surveyor{file: file, track: t, most: most}
	if err := s.read(); err != nil {
		return err
	}
	if s.damage.Units > 0 {
		a.Notes = append(a.Notes, media.NewNote(media.NoteDamaged, t.ID,
			"video track %d: %d NAL units that no decoder can use are left out, in sample %d the first time, %.3f s into the track (%s): get the file again or encode it (--encode avc)",
			t.ID, s.damage.Units, s.damaged+1, float64(t.Units[s.damaged].DTS-t.Units[0].DTS)/float64(t.Timescale), s.damage.Text))
	}
	if s.needed {
		t.Changes = s.changes
		t.Coding = following(baseCoding(t), s.changes)
	}
	return nil
}

// baseCoding returns the coding of the first units of a track.
func baseCoding(t *media.Track) media.VideoCoding {
	if c, ok := t.Coding.(*changingVideo); ok {
		return c.VideoCoding
	}
	return t.Video()
}

// surveyor reads the samples of a track in order.
type surveyor struct {
	file    *fileReader
	track   *media.Track
	most    int
	buf     []byte
	damage  media.DamageError
	damaged int // the first damaged sample

	// changes are those of the track and of the sets in its samples. They are needed if
	// decoding may begin with a sample that has no sets itself after a change.
	changes []media.CodingChange
	needed  bool
	found   bool // a change of the sets in samples
	current media.VideoCoding
}

func (s *surveyor) read() error {
	s.current = baseCoding(s.track)
	points := 0
	for i, u := range s.track.Units {
		s.enter(i)
		if s.most < surveyBytes && !u.RandomAccess() {
			continue
		}
		if points++; s.most < surveyBytes && points > surveyPoints {
			return nil
		}
		if err := s.look(i); err != nil {
			return err
		}
	}
	return nil
}

// enter begins with unit i, where the sample entry may change.
func (s *surveyor) enter(i int) {
	at, found := slices.BinarySearchFunc(s.track.Changes, i, func(c media.CodingChange, unit int) int { return cmp.Compare(c.Unit, unit) })
	if found {
		s.current, s.found = s.track.Changes[at].Coding.(media.VideoCoding), false
		s.changes = append(s.changes, s.track.Changes[at])
	}
}

// look looks at sample i.
func (s *surveyor) look(i int) error {
	u := s.track.Units[i]
	n := min(u.Size(), s.most)
	s.buf = slices.Grow(s.buf[:0], n)[:n]
	if err := s.file.read(s.buf, u.Offset); err != nil {
		return err
	}
	c, ok := s.current.(setsCoding)
	if !ok {
		return nil
	}
	if d := c.Damage(s.buf); d.Units > 0 && n == u.Size() {
		if s.damage.Units == 0 {
			s.damage.Text, s.damaged = d.Text, i
		}
		s.damage.Units += d.Units
	}
	if u.RandomAccess() && s.found && !c.HasSets(s.buf) {
		s.needed = true
	}
	if after, other := c.WithSets(s.buf); other && len(s.changes) < maxRanges {
		s.current, s.found = after, true
		if last := len(s.changes) - 1; last >= 0 && s.changes[last].Unit == i {
			s.changes[last].Coding = after
			return nil
		}
		s.changes = append(s.changes, media.CodingChange{Unit: i, Coding: after, Entry: s.track.Entry})
	}
	return nil
}
