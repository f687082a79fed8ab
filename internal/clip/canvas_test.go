//go:build e2e

package clip

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// colour is red, green and blue, gamma-coded, 0 to 1.
type colour [3]float32

func rgb(hex int) colour {
	return colour{float32(hex>>16&255) / 255, float32(hex>>8&255) / 255, float32(hex&255) / 255}
}

// canvas is a picture in floating point, so that its gradients are dithered
// once, when they become eight bits.
type canvas [height][width]colour

func (c *canvas) blend(x, y int, paint colour, cover float32) {
	p := &c[y][x]
	for i := range p {
		p[i] += (paint[i] - p[i]) * cover
	}
}

// fill paints an outline's inside.
func (c *canvas) fill(paint colour, opacity float32, outline func(*vector.Rasterizer)) {
	r := vector.NewRasterizer(width, height)
	outline(r)
	mask := image.NewAlpha(image.Rect(0, 0, width, height))
	r.DrawOp = draw.Src
	r.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	c.through(mask, paint, opacity)
}

func (c *canvas) through(mask *image.Alpha, paint colour, opacity float32) {
	for y := range height {
		for x, a := range mask.Pix[y*mask.Stride : y*mask.Stride+width] {
			if a > 0 {
				c.blend(x, y, paint, opacity*float32(a)/255)
			}
		}
	}
}

// rect paints a rectangle of whole pixels.
func (c *canvas) rect(r image.Rectangle, paint colour, opacity float32) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c.blend(x, y, paint, opacity)
		}
	}
}

// text writes a line whose baseline begins at x, y; centred puts its middle there.
func (c *canvas) text(face font.Face, s string, x, y float64, centred bool, paint colour, opacity float32) {
	mask := image.NewAlpha(image.Rect(0, 0, width, height))
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face}
	if centred {
		x -= float64(d.MeasureString(s)) / 128
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(math.Round(x * 64)), Y: fixed.Int26_6(math.Round(y * 64))}
	d.DrawString(s)
	c.through(mask, paint, opacity)
}

// yuv converts to planar 4:2:0, BT.709, limited range, with an ordered dither
// that stands still, so that it costs the encoder little.
func (c *canvas) yuv() []byte {
	out := make([]byte, width*height*3/2)
	luma, cb, cr := out[:width*height], out[width*height:width*height*5/4], out[width*height*5/4:]
	for y := 0; y < height; y += 2 {
		for x := 0; x < width; x += 2 {
			var sumB, sumR float32
			for dy := range 2 {
				for dx := range 2 {
					p := c[y+dy][x+dx]
					l := 0.2126*p[0] + 0.7152*p[1] + 0.0722*p[2]
					luma[(y+dy)*width+x+dx] = quantise(16+219*l, x+dx, y+dy)
					sumB += (p[2] - l) / 1.8556
					sumR += (p[0] - l) / 1.5748
				}
			}
			i := y/2*width/2 + x/2
			cb[i] = quantise(128+224*sumB/4, x/2, y/2)
			cr[i] = quantise(128+224*sumR/4, x/2, y/2)
		}
	}
	return out
}

// bayer is the classic ordered dither of 4 by 4, in sixteenths.
func bayer(x, y int) float32 {
	const matrix = "\x00\x08\x02\x0a\x0c\x04\x0e\x06\x03\x0b\x01\x09\x0f\x07\x0d\x05"
	return (float32(matrix[y%4*4+x%4]) + 0.5) / 16
}

func quantise(v float32, x, y int) byte {
	return byte(min(240, max(16, math.Floor(float64(v+bayer(x, y))))))
}
