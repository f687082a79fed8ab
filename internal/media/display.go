package media

// Display is how a container says that a track's pictures are shown. A transport
// stream carries none of it; what the elementary stream says itself is not here.
type Display struct {
	// Rotation is how far pictures are turned clockwise, in degrees from 0 to 359.
	Rotation int
	// Mirrored says that they are flipped left to right before they are turned.
	Mirrored bool
	// PixelAspect is the shape of a pixel, 0:0 if the container does not say
	// (ISO/IEC 14496-12, 12.1.4).
	PixelAspect Aspect
	// Color is the zero Color if the container does not say.
	Color Color
}

// Aspect is a width and a height, as a ratio.
type Aspect struct{ Width, Height uint32 }

// Known reports whether it is a ratio.
func (a Aspect) Known() bool { return a.Width > 0 && a.Height > 0 }

// Equal reports whether both are the same ratio.
func (a Aspect) Equal(b Aspect) bool {
	return uint64(a.Width)*uint64(b.Height) == uint64(b.Width)*uint64(a.Height)
}

// Color is how samples become colors, in the code points of ISO/IEC 23091-2.
type Color struct {
	Primaries, Transfer, Matrix uint16
	// FullRange is the VideoFullRangeFlag.
	FullRange bool
}

// Known reports whether one of the code points says something: neither 0 nor 2, unspecified.
func (c Color) Known() bool {
	return c.Primaries != 0 && c.Primaries != 2 || c.Transfer != 0 && c.Transfer != 2 || c.Matrix != 0 && c.Matrix != 2
}
