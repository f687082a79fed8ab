package mp4

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/fault"
)

// choice is which tracks of a movie are played, and what to say of the others.
type choice struct {
	video *track
	audio []*track
	notes []string
}

// choose picks the first enabled picture that can be carried, and all sound
// that can be. A picture that cannot be carried is an error, since nobody wants
// a channel of nothing but its sound; sound that cannot be is left out with a note.
func (m *movie) choose() (choice, error) {
	var c choice
	video, err := c.chooseVideo(m.pictures())
	if err != nil {
		return c, err
	}
	c.video = video
	for _, t := range m.list {
		if t.handler.is("soun") {
			c.addAudio(t, m.fragmented)
		}
	}
	if c.video == nil && len(c.audio) == 0 {
		return c, c.nothing()
	}
	return c, nil
}

// pictures returns the video tracks, but for cover art and empty ones.
func (m *movie) pictures() (list []*track) {
	for _, t := range m.list {
		n := t.tables.sizes.count
		e := t.entry()
		cover := e != nil && e.still() && n <= 1
		if t.handler.is("vide") && !cover && (n > 0 || m.fragmented) {
			list = append(list, t)
		}
	}
	return list
}

func (c *choice) chooseVideo(list []*track) (best *track, err error) {
	for _, t := range list {
		if t.why() == "" && (best == nil || !best.enabled && t.enabled) {
			best = t
		}
	}
	if best == nil && len(list) > 0 {
		return nil, fault.New(fault.Media, "video track %d %s", list[0].id, list[0].why())
	}
	for _, t := range list {
		if why := t.why(); t != best && why != "" {
			c.leaveOut(t, why)
		} else if t != best {
			c.leaveOut(t, fmt.Sprintf("is a second picture; track %d is played", best.id))
		}
	}
	return best, nil
}

func (c *choice) addAudio(t *track, fragmented bool) {
	switch why := t.why(); {
	case t.tables.sizes.count == 0 && !fragmented:
		c.leaveOut(t, "has no samples")
	case why != "":
		c.leaveOut(t, why)
	default:
		c.audio = append(c.audio, t)
	}
}

func (c *choice) leaveOut(t *track, why string) {
	c.notes = append(c.notes, fmt.Sprintf("track %d (%s) is left out: it %s", t.id, t.name(), why))
}

// nothing says that no track remains.
func (c *choice) nothing() error {
	if len(c.notes) == 0 {
		return fault.New(fault.Media, "the file has neither a video nor an audio track with samples: there is nothing to play")
	}
	return fault.New(fault.Media, "no track can be played: %s", c.notes[0])
}
