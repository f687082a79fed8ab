//go:build e2e

package clip

import (
	"fmt"
	"image"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/vector"
)

const (
	dialX, dialY = 368.0, 360.0
	faceRadius   = 216.0
	ringRadius   = 244.0
	ringHalf     = 8.0
	columnX      = 736.0
)

// scene holds the fonts; every picture is a function of its number.
type scene struct {
	title, large, small, numeral font.Face
}

func newScene() (*scene, error) {
	var s scene
	for _, f := range []struct {
		face *font.Face
		ttf  []byte
		size float64
	}{
		{&s.title, gobold.TTF, 168},
		{&s.large, gomono.TTF, 53},
		{&s.small, goregular.TTF, 28},
		{&s.numeral, goregular.TTF, 26},
	} {
		parsed, err := opentype.Parse(f.ttf)
		if err != nil {
			return nil, err
		}
		*f.face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// draw returns picture i, which is shown i/25 s after the beginning.
func (s *scene) draw(i int) *canvas {
	t := float64(i) / fps
	c := new(canvas)
	background(c, t/seconds)
	s.dial(c, t)
	s.column(c, t)
	flash(c, i%fps >= flashAt && i%fps < flashAt+flashed)
	return c
}

// background paints slow waves of colour. turn is the fraction of the lap that has
// passed; every wave moves a whole number of periods a lap.
func background(c *canvas, turn float64) {
	night, dusk := rgb(0x0a1024), rgb(0x141a3c)
	waves := []struct {
		paint          colour
		along, rise    float64
		periods, level float64
	}{
		{rgb(0x12756f), 1.3, 0.16, 1, 0.30},
		{rgb(0x4a2f8f), 0.9, 0.20, -1, 0.62},
		{rgb(0x1d5fa8), 1.8, 0.12, 2, 0.86},
	}
	for y := range height {
		v := float64(y) / height
		for x := range width {
			u := float64(x) / width
			p := mix(night, dusk, float32(v))
			for _, w := range waves {
				crest := w.level + w.rise*math.Sin(2*math.Pi*(w.along*u-w.periods*turn))*math.Sin(math.Pi*(0.2+0.6*u))
				d := (v - crest) / 0.17
				p = mix(p, w.paint, float32(0.55*math.Exp(-d*d)))
			}
			c[y][x] = p
		}
	}
}

func mix(a, b colour, share float32) colour {
	for i := range a {
		a[i] += (b[i] - a[i]) * share
	}
	return a
}

func (s *scene) dial(c *canvas, t float64) {
	c.fill(rgb(0x060a18), 0.55, circle(dialX, dialY, faceRadius))
	comet(c, t/seconds)
	for k := range seconds {
		s.mark(c, k)
	}
	// It turns once a second and passes the top with the flash.
	x, y := onDial(2*math.Pi*(t-float64(flashAt)/fps), 112)
	c.fill(rgb(0x5fe0c8), 1, circle(x, y, 11))
	c.fill(rgb(0xffffff), 1, stroke(2*math.Pi*t/seconds, -34, faceRadius-78, 6, 2))
	c.fill(rgb(0xffffff), 1, circle(dialX, dialY, 15))
	c.fill(rgb(0x0a1024), 1, circle(dialX, dialY, 6))
}

// mark draws the strokes and the numeral of a second.
func (s *scene) mark(c *canvas, k int) {
	for fifth := range 5 {
		angle := 2 * math.Pi * (float64(k) + float64(fifth)/5) / seconds
		length, half, opacity := 10.0, 1.25, float32(0.5)
		if fifth == 0 {
			length, half, opacity = 22, 2.5, 0.95
		}
		c.fill(rgb(0xffffff), opacity, stroke(angle, faceRadius-8-length, faceRadius-8, half, half))
	}
	x, y := onDial(2*math.Pi*float64(k)/seconds, faceRadius-52)
	c.text(s.numeral, strconv.Itoa(k), x, y+9, true, rgb(0xffffff), 0.9)
}

// comet draws the position in the lap as a ring whose tail fades over one turn, so that
// nothing jumps when the lap ends.
func comet(c *canvas, turn float64) {
	tail, head := rgb(0x2a3560), rgb(0x5fe0c8)
	for y := int(dialY - ringRadius - 20); y < int(dialY+ringRadius+20); y++ {
		for x := int(dialX - ringRadius - 20); x < int(dialX+ringRadius+20); x++ {
			dx, dy := float64(x)+0.5-dialX, float64(y)+0.5-dialY
			edge := ringHalf + 0.5 - math.Abs(math.Hypot(dx, dy)-ringRadius)
			if edge <= 0 {
				continue
			}
			behind := math.Mod(turn-math.Atan2(dx, -dy)/(2*math.Pi)+2, 1)
			share := float32(math.Pow(1-behind, 1.6))
			c.blend(x, y, mix(tail, head, share), float32(min(1, edge)))
		}
	}
	x, y := onDial(2*math.Pi*turn, ringRadius)
	c.fill(rgb(0xffffff), 1, circle(x, y, 14))
	c.fill(head, 1, circle(x, y, 9))
}

func (s *scene) column(c *canvas, t float64) {
	white := rgb(0xffffff)
	c.text(s.title, "LILO", columnX-12, 244, false, white, 1)
	c.text(s.small, "the live encoding loop", columnX, 300, false, white, 0.85)
	now, all := fmt.Sprintf("%.2f s ", t), fmt.Sprintf("of %d s", seconds)
	c.text(s.large, now, columnX, 404, false, rgb(0x5fe0c8), 1)
	c.text(s.large, all, columnX+float64(font.MeasureString(s.large, now))/64, 404, false, white, 0.9)
	c.text(s.small, "flash and 1 kHz tone, once a second", columnX, 468, false, white, 0.85)
}

// flash draws the rectangle of the flash, on the macroblock grid.
func flash(c *canvas, lit bool) {
	r := image.Rect(736, 496, 1184, 608)
	paint := rgb(0x060a18)
	if lit {
		paint = rgb(0xffffff)
	}
	c.rect(r.Inset(-3), rgb(0xffffff), 0.35)
	c.rect(r, paint, 1)
}

// onDial returns the point at an angle, clockwise from the top, and a radius.
func onDial(angle, radius float64) (x, y float64) {
	return dialX + radius*math.Sin(angle), dialY - radius*math.Cos(angle)
}

func circle(x, y, radius float64) func(*vector.Rasterizer) {
	return func(r *vector.Rasterizer) {
		const corners = 96
		for i := range corners {
			a := 2 * math.Pi * float64(i) / corners
			px, py := float32(x+radius*math.Cos(a)), float32(y+radius*math.Sin(a))
			if i == 0 {
				r.MoveTo(px, py)
			}
			r.LineTo(px, py)
		}
		r.ClosePath()
	}
}

// stroke returns a bar on the dial from one radius to another, with half its width at both ends.
func stroke(angle, from, to, halfFrom, halfTo float64) func(*vector.Rasterizer) {
	sin, cos := math.Sincos(angle)
	point := func(radius, side float64) (float32, float32) {
		return float32(dialX + radius*sin + side*cos), float32(dialY - radius*cos + side*sin)
	}
	return func(r *vector.Rasterizer) {
		r.MoveTo(point(from, -halfFrom))
		r.LineTo(point(to, -halfTo))
		r.LineTo(point(to, halfTo))
		r.LineTo(point(from, halfFrom))
		r.ClosePath()
	}
}
