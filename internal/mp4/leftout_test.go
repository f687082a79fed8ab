package mp4

import (
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// other is a track of neither pictures nor sound.
func other(handler, format string) *trackSpec {
	return &trackSpec{handler: handler, entry: isobmff.Box(format, zeros(20)), timescale: 1000, language: "und", samples: sound(3).samples}
}

// Each track that is left out is named with its kind.
func TestLeftOut(t *testing.T) {
	chapters := func(t *trackSpec) { t.boxes = isobmff.Box("tref", isobmff.Box("chap", isobmff.Uint32(2))) }
	jpeg := withEntry(video(3), visual("jpeg"))
	for want, tracks := range map[string][]*trackSpec{
		"track 2 (subtitles, tx3g)":           {video(5), other("sbtl", "tx3g")},
		"track 2 (subtitles, stpp)":           {video(5), other("subt", "stpp")},
		"track 2 (subtitles, wvtt)":           {video(5), other("text", "wvtt")},
		"track 2 (subtitles, mp4s)":           {video(5), other("subp", "mp4s")},
		"track 2 (closed captions, c608)":     {video(5), other("clcp", "c608")},
		"track 2 (timecode, tmcd)":            {video(5), other("tmcd", "tmcd")},
		"track 2 (metadata, gpmd)":            {video(5), other("meta", "gpmd")},
		"track 2 (metadata, KLVA)":            {video(5), other("meta", "KLVA")},
		"track 2 (hint track, rtp )":          {video(5), other("hint", "rtp ")},
		"track 2 (text)":                      {video(5), other("text", "text")},
		"track 2 (data of handler fdsc, fdsc": {video(5), other("fdsc", "fdsc")},
		"track 2 (chapters, text)":            {with(video(5), chapters), other("text", "text")},
		"track 2 (pictures of chapters)":      {with(sound(5), chapters), jpeg},
		"track 2 (Motion JPEG)":               {video(5), jpeg},
	} {
		t.Run(want, func(t *testing.T) {
			a := mustOpen(t, &movieSpec{tracks: tracks}).Asset
			if len(a.Notes) != 1 || a.Notes[0].Kind != media.NoteTrackLeftOut || a.Notes[0].Track != 2 || !strings.HasPrefix(a.Notes[0].Text, want) {
				t.Errorf("notes %q", a.Notes)
			}
		})
	}
	if a := mustOpen(t, &movieSpec{tracks: []*trackSpec{video(5), with(other("text", "tx3g"), func(t *trackSpec) { t.samples = nil })}}).Asset; len(a.Notes) > 0 {
		t.Errorf("an empty track: %q", a.Notes)
	}
}

func TestUserData(t *testing.T) {
	covr := isobmff.Box("ilst", isobmff.Box("covr", zeros(20)))
	hdlr := isobmff.FullBox("hdlr", 0, 0, zeros(20))
	for name, c := range map[string]struct {
		udta []byte
		want []string
	}{
		"a chapter":           {isobmff.FullBox("chpl", 1, 0, zeros(4), []byte{1}), []string{"the file's list of 1 chapter (chpl) is left out"}},
		"chapters":            {isobmff.FullBox("chpl", 1, 0, zeros(4), []byte{3}), []string{"the file's list of 3 chapters (chpl) is left out"}},
		"no chapters":         {isobmff.FullBox("chpl", 1, 0, zeros(4), []byte{0}), nil},
		"cover art":           {isobmff.FullBox("meta", 0, 0, hdlr, covr), []string{"the file's cover art (covr) is left out"}},
		"cover art QuickTime": {isobmff.Box("meta", hdlr, covr), []string{"the file's cover art (covr) is left out"}},
		"a title":             {isobmff.FullBox("meta", 0, 0, hdlr, isobmff.Box("ilst", isobmff.Box("\xa9nam", zeros(20)))), nil},
		"damage":              {isobmff.Uint32(77, 5), nil},
	} {
		a := mustOpen(t, &movieSpec{tracks: []*trackSpec{video(5)}, boxes: isobmff.Box("udta", c.udta)}).Asset
		var texts []string
		for _, n := range a.Notes {
			texts = append(texts, n.Text)
		}
		if !slices.Equal(texts, c.want) {
			t.Errorf("%s: %q", name, texts)
		}
	}
}

func TestEvents(t *testing.T) {
	file := append(recording(20).build(), isobmff.Box("emsg", zeros(20))...)
	noted(t, opened(t, file), media.NoteMetadataLeftOut, "1 event message (emsg) is left out")
}
