package mp4

import (
	"bytes"
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// matrix is the part of a transformation matrix that turns, mirrors and scales
// (ISO/IEC 14496-12, 6.2.2): x' = a·x + c·y and y' = b·x + d·y, with y downwards.
// The zero matrix leaves pictures as they are.
type matrix struct{ a, b, c, d float64 }

// matrix reads a transformation matrix, the zero one if there is none.
func (f *fieldReader) matrix() matrix {
	number := func() float64 { return float64(int32(f.u32())) / (1 << 16) }
	m := matrix{a: number(), b: number()}
	f.skip(4) // u
	m.c, m.d = number(), number()
	if f.short || m.a*m.d == m.b*m.c {
		return matrix{}
	}
	return m
}

// then returns the matrix that applies m first and n after it.
func (m matrix) then(n matrix) matrix {
	switch (matrix{}) {
	case m:
		return n
	case n:
		return m
	}
	return matrix{m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d, m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d}
}

// rotation returns how the matrix turns a picture clockwise, in degrees, after it
// has mirrored it left to right or not.
func (m matrix) rotation() (degrees int, mirrored bool) {
	if m == (matrix{}) {
		return 0, false
	}
	if mirrored = m.a*m.d < m.b*m.c; mirrored {
		m.a, m.b = -m.a, -m.b
	}
	turn := int(math.Round(math.Atan2(m.b, m.a) * 180 / math.Pi))
	return (turn + 360) % 360, mirrored
}

// display returns how the pictures of the track are shown in a movie with that matrix.
func (t *track) display(movie matrix) media.Display {
	if !t.handler.is("vide") {
		return media.Display{}
	}
	e := t.currentEntry().shown
	d := media.Display{PixelAspect: e.aspect, Color: e.color}
	d.Rotation, d.Mirrored = t.matrix.then(movie).rotation()
	return d
}

// shownAs is what a sample entry says of how its pictures are shown, beyond media.Display.
type shownAs struct {
	aspect      media.Aspect
	color       media.Color
	aperture    [2]float64 // width and height of clap in pixels, 0 if there is none
	dolbyVision []byte     // the body of dvcC, dvvC or dvwC
	hdr         []string   // what boxes describe: a mastering display, light levels
	projection  string     // "spherical"
	stereo      string     // "with a view for each eye"
}

// readDisplay reads a box of a sample entry that says how pictures are shown. Damage
// there costs no picture.
func (s *shownAs) readDisplay(b box) {
	f := fieldReader{box: b}
	switch string(b.kind[:]) {
	case "pasp": // ISO/IEC 14496-12, 12.1.4
		if a := (media.Aspect{Width: f.u32(), Height: f.u32()}); !f.short && a.Known() {
			s.aspect = a
		}
	case "clap":
		width, by, height, of := f.u32(), f.u32(), f.u32(), f.u32()
		if !f.short && by > 0 && of > 0 {
			s.aperture = [2]float64{float64(width) / float64(by), float64(height) / float64(of)}
		}
	case "colr": // 12.1.5
		s.readColor(b)
	case "dvcC", "dvvC", "dvwC": // Dolby Vision streams within the ISO base media file format, 3.2
		if len(b.body) >= 5 {
			s.dolbyVision = b.body
		}
	case "mdcv", "SmDm":
		s.addHDR("mastering display")
	case "clli", "CoLL":
		s.addHDR("content light level")
	case "sv3d":
		s.projection = "spherical"
	case "st3d":
		f.versionAndFlags()
		if mode := f.u8(); !f.short && mode > 0 {
			s.stereo = "in 3D"
		}
	case "vexu", "lhvC":
		s.stereo = "in 3D"
	}
}

func (s *shownAs) addHDR(what string) {
	if !slices.Contains(s.hdr, what) {
		s.hdr = append(s.hdr, what)
	}
}

func (s *shownAs) readColor(b box) {
	f := fieldReader{box: b}
	kind := newFourCC(f.next(4))
	c := media.Color{Primaries: f.u16(), Transfer: f.u16(), Matrix: f.u16()}
	if f.short || !kind.is("nclx", "nclc") {
		return
	}
	c.FullRange = kind.is("nclx") && len(b.body) > f.at && b.body[f.at]&0x80 != 0
	s.color = c
}

// sphericalVideo is the UUID of a box in trak that says that pictures are spherical
// (Spherical Video V1).
const sphericalVideo = "\xff\xcc\x82\x63\xf8\x55\x4a\x93\x88\x14\x58\x7a\x02\x52\x1f\xdd"

// readExtension reads a uuid box of the track.
func (t *track) readExtension(b box) {
	if bytes.HasPrefix(b.body, []byte(sphericalVideo)) {
		t.spherical = "spherical"
	}
}
