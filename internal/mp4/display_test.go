package mp4

import (
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// fixed returns a matrix of 16.16 numbers as tkhd has it.
func fixed(a, b, c, d int64) []byte {
	return isobmff.Uint32(a<<16, b<<16, 0, c<<16, d<<16, 0, 0, 0, 1<<30)
}

// What a player turns, LILO calls so: clockwise, after a flip left to right.
func TestRotation(t *testing.T) {
	for name, c := range map[string]struct {
		track, movie []byte
		degrees      int
		mirrored     bool
	}{
		"as it is":            {track: fixed(1, 0, 0, 1)},
		"zeros":               {track: zeros(36)},
		"90":                  {track: fixed(0, 1, -1, 0), degrees: 90},
		"180":                 {track: fixed(-1, 0, 0, -1), degrees: 180},
		"270":                 {track: fixed(0, -1, 1, 0), degrees: 270},
		"45":                  {track: fixed(7, 7, -7, 7), degrees: 45},
		"left to right":       {track: fixed(-1, 0, 0, 1), mirrored: true},
		"upside down":         {track: fixed(1, 0, 0, -1), degrees: 180, mirrored: true},
		"transposed":          {track: fixed(0, 1, 1, 0), degrees: 270, mirrored: true},
		"scaled":              {track: fixed(2, 0, 0, 3)},
		"by the movie":        {track: fixed(1, 0, 0, 1), movie: fixed(0, 1, -1, 0), degrees: 90},
		"by both":             {track: fixed(0, 1, -1, 0), movie: fixed(0, 1, -1, 0), degrees: 180},
		"by one, back by one": {track: fixed(0, 1, -1, 0), movie: fixed(0, -1, 1, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			m := &movieSpec{tracks: []*trackSpec{with(video(10), func(t *trackSpec) { t.matrix = c.track })}, matrix: c.movie}
			d := mustOpen(t, m).Asset.Video.Display
			if d.Rotation != c.degrees || d.Mirrored != c.mirrored {
				t.Errorf("%d°, mirrored: %v", d.Rotation, d.Mirrored)
			}
		})
	}
}

func TestPixelAspectAndColor(t *testing.T) {
	for name, c := range map[string]struct {
		boxes []byte
		want  media.Display
	}{
		"nothing":         {},
		"aspect":          {isobmff.Box("pasp", isobmff.Uint32(64, 45)), media.Display{PixelAspect: media.Aspect{Width: 64, Height: 45}}},
		"aspect of zero":  {isobmff.Box("pasp", isobmff.Uint32(64, 0)), media.Display{}},
		"aspect cut off":  {isobmff.Box("pasp", isobmff.Uint32(64)), media.Display{}},
		"nclx":            {isobmff.Box("colr", []byte("nclx"), isobmff.Uint16(9, 16, 9), []byte{0x80}), media.Display{Color: media.Color{Primaries: 9, Transfer: 16, Matrix: 9, FullRange: true}}},
		"nclc":            {isobmff.Box("colr", []byte("nclc"), isobmff.Uint16(1, 1, 1)), media.Display{Color: media.Color{Primaries: 1, Transfer: 1, Matrix: 1}}},
		"a color profile": {isobmff.Box("colr", []byte("prof"), zeros(40)), media.Display{}},
	} {
		t.Run(name, func(t *testing.T) {
			v := video(10)
			v.entry = visual("avc1", isobmff.Box("avcC", []byte("record")), c.boxes)
			if d := mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset.Video.Display; d != c.want {
				t.Errorf("%+v", d)
			}
		})
	}
}
