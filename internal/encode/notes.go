package encode

import (
	"encoding/json"
	"fmt"
	"math"
	"os"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
)

// notes says what of the source the mezzanine does not hold as it was, except for
// what the settings ask for.
func (p *plan) notes() []media.Note {
	var n []media.Note
	if covered := p.in.end - p.in.begin; p.in.promised-covered > max(0.5, 0.02*p.in.promised) {
		n = append(n, media.NewNote(media.NoteCutOff, 0, "the file is to last %.3f s and ends after %.3f s: it is cut off; get it again", p.in.promised, covered))
	}
	for _, o := range p.in.others {
		n = append(n, o.note())
	}
	if v := p.in.video; v != nil {
		n = append(n, p.pictureNotes(v)...)
	}
	for i := range p.in.audio {
		n = append(n, p.soundNotes(&p.in.audio[i])...)
	}
	return n
}

func (o otherStream) note() media.Note {
	why := "--encode carries one picture and all sound"
	if o.kind == "video" {
		why = "--encode carries one picture, and another track has it"
	}
	kind := o.kind
	if o.name != "" {
		kind += ", " + o.name
	}
	return media.NewNote(media.NoteTrackLeftOut, o.id, "track %d (%s) is left out: %s", o.id, kind, why)
}

func (p *plan) pictureNotes(v *videoInfo) (n []media.Note) {
	add := func(kind media.NoteKind, format string, args ...any) {
		n = append(n, media.NewNote(kind, v.id, fmt.Sprintf("video track %d: ", v.id)+format, args...))
	}
	if v.interlaced && p.video.ScanType == channel.ScanProgressive {
		add(media.NoteDeinterlaced, "it is interlaced and becomes progressive: --encode avc,scanType=INTERLACED keeps its fields")
	}
	if v.early > 0 {
		add(media.NotePicturesDropped, "its first %s left out: no random access point comes early enough before them to decode them", countOf(v.early, "picture is", "pictures are"))
	}
	if v.resized[0] > 0 {
		add(media.NoteCodingChange, "its pictures change their size %.3f s into the lap, to %dx%d: all become %dx%d", v.resizedAt-v.start, v.resized[0], v.resized[1], p.video.Width, p.video.Height)
	}
	n = append(n, p.rateNotes(v)...)
	if v.width%2+v.height%2 > 0 {
		add(media.NoteCropped, "a coded picture has an even size: %dx%d becomes %dx%d", v.width, v.height, v.width&^1, v.height&^1)
	}
	if v.hasAlpha() {
		add(media.NoteTransparency, "what is transparent in it becomes black")
	}
	n = append(n, p.colorNotes(v)...)
	return n
}

// rateNotes says which pictures do not become one picture each at the output's rate, where
// the settings do not ask for that rate, and where pictures are missing.
func (p *plan) rateNotes(v *videoInfo) (n []media.Note) {
	add := func(kind media.NoteKind, format string, args ...any) {
		n = append(n, media.NewNote(kind, v.id, fmt.Sprintf("video track %d: ", v.id)+format, args...))
	}
	crowded, holes := p.places()
	changed := !near(p.rate.float(), v.rate.float(), 0.001)
	if changed && !p.rateGiven {
		add(media.NoteFrameRate, "its pictures, %.3f a second on average, become %.3f a second", v.rate.float(), p.rate.float())
	}
	if crowded.count > 0 && !p.rateGiven {
		add(media.NoteFrameRate, "%s left out, the first one %.3f s into the lap: they have no place of their own at %.3f a second",
			countOf(crowded.count, "picture is", "pictures are"), crowded.first, p.rate.float())
	}
	if changed || holes.count > len(v.times)/10 { // Their distances vary.
		holes = p.longHoles()
	}
	if holes.count > 0 {
		add(media.NoteGaps, "pictures are missing in %s, %.3f s in all, the first one %.3f s into the lap: the picture before each holds",
			countOf(holes.count, "place", "places"), holes.seconds, holes.first)
	}
	return n
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// occurrences is how often something is the case, in the seconds of a lap.
type occurrences struct {
	count          int
	first, seconds float64
}

func (o *occurrences) add(at, seconds float64) {
	if o.count == 0 {
		o.first = at
	}
	o.count++
	o.seconds += seconds
}

// places returns the pictures of the source that have no place of their own among those
// of the lap, as the filter fps gives them, and the holes between the others.
func (p *plan) places() (crowded, holes occurrences) {
	v := p.in.video
	place := func(at float64) int { return int(math.Round((at - v.start) * p.rate.float())) }
	for i, at := range v.times {
		this, next := place(at), p.frames
		if i+1 < len(v.times) {
			next = min(next, place(v.times[i+1]))
		}
		switch {
		case next <= this:
			crowded.add(at-v.start, 0)
		case next > this+1 && i+1 < len(v.times):
			holes.add(p.seconds(this+1), p.seconds(next-this-1))
		}
	}
	return crowded, holes
}

// longHoles returns where pictures are missing although their distances vary: where one comes
// later than TR 101 290 allows (5.2.2, 2.5: 700 ms), and than four usual ones.
func (p *plan) longHoles() (holes occurrences) {
	times := p.in.video.times
	usual := p.lapSeconds() / float64(max(1, len(times)))
	for i := 1; i < len(times); i++ {
		if step := times[i] - times[i-1]; step > max(0.7, 4*usual) {
			holes.add(times[i-1]-p.in.video.start+p.seconds(1), step-p.seconds(1))
		}
	}
	return holes
}

func (p *plan) colorNotes(v *videoInfo) (n []media.Note) {
	add := func(kind media.NoteKind, format string, args ...any) {
		n = append(n, media.NewNote(kind, v.id, fmt.Sprintf("video track %d: ", v.id)+format, args...))
	}
	bits := depth(v.format)
	switch {
	case v.dolbyVision == 5:
		add(media.NoteDolbyVision, "it is Dolby Vision profile 5, whose colors no other decoder gets right: use a version with a compatible base (profile 8)")
	case p.toneMap:
		add(media.NoteHDR, "its high dynamic range (%s) becomes that of BT.709: --encode hevc keeps it", hdrName(v.color.transfer))
	case v.color.hdr() && !p.tenBit():
		add(media.NoteHDR, "its high dynamic range (%s) is kept with 8 bits a sample, which shows steps, because this ffmpeg has no filter zscale: --encode hevc keeps all", hdrName(v.color.transfer))
	case bits > 8 && !p.tenBit():
		add(media.NoteColor, "its %d bits a sample become 8: --encode hevc keeps 10", bits)
	}
	return n
}

func hdrName(transfer string) string {
	return map[string]string{transferPQ: "PQ", transferHLG: "HLG"}[transfer]
}

// inaudible is how much sound may be missing at either end without a note, in
// seconds: containers round, and coders pad.
const inaudible = 0.05

func (p *plan) soundNotes(a *audioInfo) (n []media.Note) {
	add := func(kind media.NoteKind, format string, args ...any) {
		n = append(n, media.NewNote(kind, a.id, fmt.Sprintf("audio track %d: ", a.id)+format, args...))
	}
	begin, end := p.begin(), p.begin()+p.lapSeconds()
	if early := begin - a.start; early > inaudible {
		add(media.NoteSoundCut, "its first %.3f s are cut off, they come before the lap", early)
	} else if early < -inaudible {
		add(media.NoteSoundFilled, "%.3f s of silence are played before it, it begins later than the lap", -early)
	}
	if late := a.start + a.seconds - end; late > inaudible {
		add(media.NoteSoundCut, "its last %.3f s are cut off, it is longer than the lap", late)
	} else if late < -inaudible {
		add(media.NoteSoundFilled, "%.3f s of silence are played after it, it is shorter than the lap", -late)
	}
	if a.gaps > inaudible {
		add(media.NoteSoundFilled, "%.3f s of silence fill the gaps in it", a.gaps)
	}
	if a.clock != 1 {
		add(media.NoteSoundClock, "its clock is off by %+.2f %%, %.3f s in all: it is resampled to follow its times",
			(a.clock-1)*100, math.Abs(a.clock-1)*a.seconds)
	}
	if out := p.channels(a.channels); p.audio.CodingMode == "" && out < a.channels {
		add(media.NoteSoundMixed, "its %d channels are mixed into %d", a.channels, out)
	}
	return n
}

// writeNotes writes notes beside a mezzanine.
func writeNotes(path string, notes []media.Note) error {
	text, err := json.Marshal(notes)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// readNotes returns the notes beside a mezzanine, none if there is no such file.
func readNotes(path string) (notes []media.Note) {
	text, err := os.ReadFile(path)
	if err == nil {
		_ = json.Unmarshal(text, &notes)
	}
	return notes
}
