package mp4

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// displayer is a coding whose elementary stream says how its pictures are shown.
type displayer interface{ Display() media.Display }

// noteDisplay notes what only the container says of how pictures are shown: a
// transport stream does not tell it to receivers.
func (a *assembler) noteDisplay(t *track, coding media.Coding) {
	v, ok := coding.(media.VideoCoding)
	if !ok || !t.handler.is("vide") {
		return
	}
	d, e := t.display(a.matrix), &t.currentEntry().shown
	var stream media.Display
	if c, ok := coding.(displayer); ok {
		stream = c.Display()
	}
	if d.Rotation != 0 || d.Mirrored {
		a.note(media.NoteRotation, t.id, "track %d: the file shows its pictures %s, receivers show them as they are coded: --encode avc turns them", t.id, turned(d))
	}
	if d.PixelAspect.Known() && !sameAspect(d.PixelAspect, stream.PixelAspect) {
		a.note(media.NotePixelAspect, t.id, "track %d: the file gives its pixels the aspect %s, the pictures themselves %s, which is what receivers follow: --encode avc carries it",
			t.id, aspectText(d.PixelAspect), aspectText(stream.PixelAspect))
	}
	width, height := v.Size()
	if w, h := e.aperture[0], e.aperture[1]; w > 0 && h > 0 && (math.Round(w) < float64(width) || math.Round(h) < float64(height)) {
		a.note(media.NoteCleanAperture, t.id, "track %d: the file shows the middle of its pictures (clean aperture of %.0fx%.0f), receivers show all of %dx%d", t.id, w, h, width, height)
	}
	if d.Color.Known() && !sameColor(d.Color, stream.Color) {
		a.note(media.NoteColor, t.id, "track %d: the file gives its colors as %s, the pictures themselves %s, which is what receivers follow: --encode avc carries them",
			t.id, colorText(d.Color), colorText(stream.Color))
	}
	a.noteHDR(t, e)
	if what := scene(e, t); what != "" {
		a.note(media.NoteSpherical, t.id, "track %d: its pictures are %s, which a transport stream does not tell: receivers show them flat, as they are coded", t.id, what)
	}
}

// noteHDR notes Dolby Vision and metadata of high dynamic range that only boxes hold.
func (a *assembler) noteHDR(t *track, e *shownAs) {
	if b := e.dolbyVision; b != nil {
		profile, compatible := b[2]>>1, b[4]>>4
		base := map[byte]string{1: "HDR10", 2: "SDR", 4: "HLG", 6: "HDR10"}[compatible]
		if base == "" {
			a.note(media.NoteDolbyVision, t.id, "track %d: Dolby Vision profile %d has no base that other receivers show in its colors: play a version with one, such as profile 8", t.id, profile)
		} else {
			a.note(media.NoteDolbyVision, t.id, "track %d: Dolby Vision profile %d.%d is announced by the file only: receivers show its base, which is %s", t.id, profile, compatible, base)
		}
	}
	for _, what := range e.hdr {
		if !t.declares(what) {
			a.note(media.NoteHDR, t.id, "track %d: the %s of its HDR pictures stands in the file only: receivers are not told", t.id, what)
		}
	}
}

// declares reports whether the samples, or the parameter sets before them, begin with
// the SEI message of a mastering display or of content light levels (ISO/IEC 23008-2,
// D.2.28 and D.2.35; 14496-10, D.1.29 and D.1.31).
func (t *track) declares(what string) bool {
	message := []byte{137, 24}
	if what == "content light level" {
		message = []byte{144, 4}
	}
	for _, data := range [][]byte{t.head, t.currentEntry().config} {
		for _, header := range [][]byte{{39 << 1, 1}, {6}} { // nal_unit_type of SEI in HEVC and H.264
			if bytes.Contains(data, append(header, message...)) {
				return true
			}
		}
	}
	return false
}

// scene says what pictures show unless it is flat: "spherical and in 3D".
func scene(e *shownAs, t *track) string {
	projection := e.projection
	if projection == "" {
		projection = t.spherical
	}
	if projection != "" && e.stereo != "" {
		return projection + " and " + e.stereo
	}
	return projection + e.stereo
}

// turned says how pictures are turned and mirrored.
func turned(d media.Display) string {
	switch {
	case d.Mirrored && d.Rotation == 0:
		return "mirrored left to right"
	case d.Mirrored && d.Rotation == 180:
		return "upside down and mirrored"
	case d.Mirrored:
		return "mirrored and turned by " + clockwise(d.Rotation)
	default:
		return "turned by " + clockwise(d.Rotation)
	}
}

func clockwise(degrees int) string {
	if degrees > 180 {
		return fmt.Sprintf("%d° counterclockwise", 360-degrees)
	}
	return fmt.Sprintf("%d° clockwise", degrees)
}

// sameAspect reports whether a receiver that follows stream shows pixels as the file
// wants them, within a percent. One that is not told shows square pixels.
func sameAspect(file, stream media.Aspect) bool {
	if !stream.Known() {
		stream = media.Aspect{Width: 1, Height: 1}
	}
	x := float64(file.Width) / float64(file.Height) * float64(stream.Height) / float64(stream.Width)
	return math.Abs(x-1) < 0.01
}

func aspectText(a media.Aspect) string {
	if !a.Known() {
		return "say nothing"
	}
	g := uint32(media.GCD(int64(a.Width), int64(a.Height)))
	return fmt.Sprintf("%d:%d", a.Width/g, a.Height/g)
}

// sameColor reports whether the stream says all that the file says, as far as
// pictures look different. The transfer functions of BT.709, 601 and 2020 are one,
// and so are the two matrices of BT.601.
func sameColor(file, stream media.Color) bool {
	same := func(file, stream uint16, equal ...uint16) bool {
		return file == 0 || file == 2 || file == stream || slices.Contains(equal, file) && slices.Contains(equal, stream)
	}
	return same(file.Primaries, stream.Primaries) && same(file.Transfer, stream.Transfer, 1, 6, 14, 15) && same(file.Matrix, stream.Matrix, 5, 6) &&
		(!file.FullRange || stream.FullRange)
}

// colorText names colors by their primaries and transfer function.
func colorText(c media.Color) string {
	if !c.Known() {
		return "say nothing"
	}
	name := map[uint16]string{1: "BT.709", 5: "BT.601 (625 lines)", 6: "BT.601 (525 lines)", 9: "BT.2020", 11: "DCI P3", 12: "Display P3"}[c.Primaries]
	if name == "" {
		name = fmt.Sprintf("primaries %d", c.Primaries)
	}
	switch c.Transfer {
	case 16:
		name += " PQ"
	case 18:
		name += " HLG"
	case 1, 2, 6, 14, 15:
	default:
		name += fmt.Sprintf(", transfer %d", c.Transfer)
	}
	if c.FullRange {
		name += ", full range"
	}
	return name
}
