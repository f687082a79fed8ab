package mp4

import (
	"math"

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
	e := t.currentEntry()
	d := media.Display{PixelAspect: e.aspect, Colour: e.colour}
	d.Rotation, d.Mirrored = t.matrix.then(movie).rotation()
	return d
}

// readDisplay reads pasp (ISO/IEC 14496-12, 12.1.4) or colr (12.1.5). Damage
// there costs no picture.
func (e *sampleEntry) readDisplay(b box) {
	f := fieldReader{box: b}
	if b.kind.is("pasp") {
		if a := (media.Aspect{Width: f.u32(), Height: f.u32()}); !f.short && a.Known() {
			e.aspect = a
		}
		return
	}
	kind := newFourCC(f.next(4))
	c := media.Colour{Primaries: f.u16(), Transfer: f.u16(), Matrix: f.u16()}
	if f.short || !kind.is("nclx", "nclc") {
		return
	}
	c.FullRange = kind.is("nclx") && len(b.body) > f.at && b.body[f.at]&0x80 != 0
	e.colour = c
}
