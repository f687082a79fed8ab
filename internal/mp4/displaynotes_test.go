package mp4

import (
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// displayed is a coding that says how its pictures are shown.
type displayed struct {
	fake
	display media.Display
}

func (d displayed) Display() media.Display  { return d.display }
func (displayed) Size() (width, height int) { return 1920, 1080 }

// What only the container says of how pictures are shown is noted, and nothing else.
func TestDisplayNotes(t *testing.T) {
	aspect := func(w, h uint32) media.Display { return media.Display{PixelAspect: media.Aspect{Width: w, Height: h}} }
	color := func(p, t, m uint16) media.Display {
		return media.Display{Color: media.Color{Primaries: p, Transfer: t, Matrix: m}}
	}
	pasp := func(w, h int64) []byte { return isobmff.Box("pasp", isobmff.Uint32(w, h)) }
	colr := func(p, t, m int) []byte {
		return isobmff.Box("colr", []byte("nclx"), isobmff.Uint16(p, t, m), []byte{0})
	}
	dovi := func(profile, compatible byte) []byte {
		return isobmff.Box("dvcC", []byte{1, 0, profile << 1, 5, compatible << 4}, zeros(19))
	}
	clap := func(w, h int64) []byte { return isobmff.Box("clap", isobmff.Uint32(w, 1, h, 1, 0, 1, 0, 1)) }
	mdcv, clli := isobmff.Box("mdcv", zeros(24)), isobmff.Box("clli", zeros(4))
	for name, c := range map[string]struct {
		boxes  []byte
		stream media.Display
		config string
		matrix []byte
		trak   []byte
		want   []string
	}{
		"nothing":           {},
		"turned":            {matrix: fixed(0, 1, -1, 0), want: []string{"track 1: the file shows its pictures turned by 90° clockwise, receivers show them as they are coded: --encode avc turns them"}},
		"turned back":       {matrix: fixed(0, -1, 1, 0), want: []string{"track 1: the file shows its pictures turned by 90° counterclockwise, receivers show them as they are coded: --encode avc turns them"}},
		"mirrored":          {matrix: fixed(-1, 0, 0, 1), want: []string{"track 1: the file shows its pictures mirrored left to right, receivers show them as they are coded: --encode avc turns them"}},
		"upside down":       {matrix: fixed(1, 0, 0, -1), want: []string{"track 1: the file shows its pictures upside down and mirrored, receivers show them as they are coded: --encode avc turns them"}},
		"aspect":            {boxes: pasp(64, 45), want: []string{"track 1: the file gives its pixels the aspect 64:45, the pictures themselves say nothing, which is what receivers follow: --encode avc carries it"}},
		"another aspect":    {boxes: pasp(64, 45), stream: aspect(16, 15), want: []string{"track 1: the file gives its pixels the aspect 64:45, the pictures themselves 16:15, which is what receivers follow: --encode avc carries it"}},
		"in a large number": {boxes: pasp(1<<16, 1<<16), stream: aspect(4, 3), want: []string{"track 1: the file gives its pixels the aspect 1:1, the pictures themselves 4:3, which is what receivers follow: --encode avc carries it"}},
		"the same aspect":   {boxes: pasp(64, 45), stream: aspect(128, 90)},
		"nearly the same":   {boxes: pasp(64, 45), stream: aspect(1423, 1000)},
		"square":            {boxes: pasp(1, 1)},
		"cropped":           {boxes: clap(1440, 1080), want: []string{"track 1: the file shows the middle of its pictures (clean aperture of 1440x1080), receivers show all of 1920x1080"}},
		"not cropped":       {boxes: clap(1920, 1080)},
		"color":             {boxes: colr(9, 16, 9), want: []string{"track 1: the file gives its colors as BT.2020 PQ, the pictures themselves say nothing, which is what receivers follow: --encode avc carries them"}},
		"another color":     {boxes: colr(9, 18, 9), stream: color(1, 1, 1), want: []string{"track 1: the file gives its colors as BT.2020 HLG, the pictures themselves BT.709, which is what receivers follow: --encode avc carries them"}},
		"the same color":    {boxes: colr(9, 14, 9), stream: color(9, 1, 9)},
		"unspecified":       {boxes: colr(2, 2, 2), stream: color(1, 1, 1)},
		"HDR": {boxes: slices.Concat(mdcv, clli, clli), want: []string{
			"track 1: the mastering display of its HDR pictures stands in the file only: receivers are not told",
			"track 1: the content light level of its HDR pictures stands in the file only: receivers are not told",
		}},
		"HDR in the stream": {boxes: slices.Concat(mdcv, clli), config: "..\x4e\x01\x89\x18..\x4e\x01\x90\x04.."},
		"Dolby Vision 5":    {boxes: dovi(5, 0), want: []string{"track 1: Dolby Vision profile 5 has no base that other receivers show in its colors: play a version with one, such as profile 8"}},
		"Dolby Vision 8":    {boxes: dovi(8, 4), want: []string{"track 1: Dolby Vision profile 8.4 is announced by the file only: receivers show its base, which is HLG"}},
		"spherical":         {boxes: isobmff.Box("sv3d"), want: []string{"track 1: its pictures are spherical, which a transport stream does not tell: receivers show them flat, as they are coded"}},
		"spherical, in 3D":  {boxes: isobmff.FullBox("st3d", 0, 0, []byte{2}), trak: isobmff.Box("uuid", []byte(sphericalVideo), []byte("<rdf")), want: []string{"track 1: its pictures are spherical and in 3D, which a transport stream does not tell: receivers show them flat, as they are coded"}},
		"flat":              {boxes: isobmff.FullBox("st3d", 0, 0, []byte{0})},
		"damage":            {boxes: slices.Concat(isobmff.Box("dvcC"), isobmff.Box("clap"), isobmff.Box("colr"), isobmff.Box("st3d"), isobmff.Box("uuid"))},
	} {
		t.Run(name, func(t *testing.T) {
			v := video(5)
			v.entry = visual("avc1", isobmff.Box("avcC", []byte("record"+c.config)), c.boxes)
			v.matrix, v.boxes = c.matrix, c.trak
			r, size := reader((&movieSpec{tracks: []*trackSpec{v}}).build())
			f, err := open(r, size, func(sampleEntry, []byte) (media.Coding, error) { return displayed{display: c.stream}, nil })
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, n := range f.Asset.Notes {
				texts = append(texts, n.Text)
			}
			if !slices.Equal(texts, c.want) {
				t.Errorf("%q, want %q", texts, c.want)
			}
		})
	}
}
