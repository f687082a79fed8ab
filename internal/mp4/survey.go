package mp4

import (
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

const (
	// surveyBytes is how large the video may be of which all samples are read.
	surveyBytes = 512 << 10
	// surveyPoints is how many random access points of larger video are looked at, and
	// surveyHead how many bytes of each: parameter sets come first.
	surveyPoints = 16
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

// linkCoding is a coding whose samples may say that the stream was cut before them.
type linkCoding interface {
	// BrokenLink reports whether the leading pictures of the sample refer to pictures that
	// the stream does not have. before is the sample before it.
	BrokenLink(before, sample []byte) bool
}

// survey looks at samples of the video track. It notes what cannot be used of them, and
// finds where their parameter sets change for the samples after them. What it looks at
// depends on the file alone, so that every process sends the same stream of it.
func survey(file *fileReader, a *media.Asset) error {
	t := a.Video
	s := surveyor{file: file, track: t, all: videoSize(t) <= surveyBytes, current: baseCoding(t), link: -1}
	_, sets := s.current.(setsCoding)
	_, links := s.current.(linkCoding)
	if !sets && (!links || !s.all) {
		return nil
	}
	if err := s.read(); err != nil {
		return err
	}
	if s.damage.Units > 0 {
		a.Notes = append(a.Notes, media.NewNote(media.NoteDamaged, t.ID,
			"video track %d: %s left out, in sample %d the first time, %.3f s into the track (%s): get the file again or encode it (--encode avc)",
			t.ID, countOf(s.damage.Units, "NAL unit that no decoder can use is", "NAL units that no decoder can use are"),
			s.damaged+1, float64(t.Units[s.damaged].DTS-t.Units[0].DTS)/float64(t.Timescale), s.damage.Text))
	}
	if s.unlinked > 0 {
		a.Notes = append(a.Notes, media.NewNote(media.NotePicturesDropped, t.ID,
			"video track %d: %s to pictures that were cut off (a broken link), the first one in sample %d, %.3f s into the track: decoders leave them out or show them damaged, and --encode keeps what ffmpeg shows in their place",
			t.ID, countOf(s.unlinked, "leading picture refers", "leading pictures refer"), s.firstUnlinked+1,
			float64(t.Units[s.firstUnlinked].DTS-t.Units[0].DTS)/float64(t.Timescale)))
	}
	if s.needed {
		t.Changes = append(s.changes, t.Changes[s.entered:]...)
		t.Coding = following(baseCoding(t), t.Changes)
	}
	return nil
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
	all     bool // look at all samples
	buf     []byte
	before  []byte // the sample before
	damage  media.DamageError
	damaged int // the first damaged sample

	// changes are those of the track and of the sets in its samples. They are needed if
	// decoding may begin with a sample that has no sets itself after a change.
	changes []media.CodingChange
	entered int // how many changes of the track are among them
	needed  bool
	found   bool // a change of the sets in samples
	current media.VideoCoding

	begun         bool // there was a random access point
	link          int  // the last broken link, −1 for none
	unlinked      int  // how many leading pictures of one there are, and which is the first one
	firstUnlinked int
}

// read looks at all samples, or at the first random access points. After the beginning
// they cost a remote source a round trip each: it looks at them only if parameter sets
// have changed by then.
func (s *surveyor) read() error {
	points, near := 0, beginning(s.track.Units)
	for i, u := range s.track.Units {
		s.enter(i)
		most := surveyBytes
		if !s.all {
			if !u.RandomAccess() {
				continue
			}
			if points++; points > surveyPoints || i >= near && !s.found {
				return nil
			}
			most = surveyHead
		}
		if err := s.look(i, most); err != nil {
			return err
		}
	}
	return nil
}

// enter begins with unit i, where the sample entry may change.
func (s *surveyor) enter(i int) {
	if s.entered == len(s.track.Changes) || s.track.Changes[s.entered].Unit != i {
		return
	}
	c := s.track.Changes[s.entered]
	s.current, s.found = c.Coding.(media.VideoCoding), false
	s.changes = append(s.changes, c)
	s.entered++
}

// look looks at the first bytes of sample i, most of them at the most.
func (s *surveyor) look(i, most int) error {
	u := s.track.Units[i]
	n := min(u.Size(), most)
	s.before, s.buf = s.buf, s.before
	s.buf = slices.Grow(s.buf[:0], n)[:n]
	if err := s.file.read(s.buf, u.Offset); err != nil {
		return err
	}
	if s.all {
		s.follow(i)
	}
	c, ok := s.current.(setsCoding)
	if !ok {
		return nil
	}
	if d := c.Damage(s.buf); s.all && d.Units > 0 {
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

// follow counts sample i if it is a leading picture of a broken link. What cannot be decoded at
// the beginning is the lap's.
func (s *surveyor) follow(i int) {
	units := s.track.Units
	if c, ok := s.current.(linkCoding); ok && s.begun && units[i].RandomAccess() && c.BrokenLink(s.before, s.buf) {
		s.link = i
	}
	s.begun = s.begun || units[i].RandomAccess()
	if s.link < 0 || units[i].PTS() >= units[s.link].PTS() {
		return
	}
	if p, err := s.current.Picture(s.buf); err == nil && p == media.DecodableLeading {
		return
	}
	if s.unlinked++; s.unlinked == 1 {
		s.firstUnlinked = i
	}
}
