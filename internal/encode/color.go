package encode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// colorInfo says how samples become colors, in ffmpeg's words; "" or "unknown"
// where the source does not say.
type colorInfo struct{ rng, matrix, primaries, transfer string }

// Transfer functions of pictures with a high dynamic range (ISO/IEC 23091-2, table 3).
const (
	transferPQ  = "smpte2084"
	transferHLG = "arib-std-b67"
)

func (c colorInfo) hdr() bool { return c.transfer == transferPQ || c.transfer == transferHLG }

func known(word string) bool { return word != "" && word != "unknown" && word != "reserved" }

// depth returns how many bits a sample of an ffmpeg pixel format has.
func depth(format string) int {
	name := strings.TrimSuffix(strings.TrimSuffix(format, "le"), "be")
	if name == format {
		return 8 // Formats of whole bytes have no byte order.
	}
	for _, bits := range []int{9, 10, 12, 14, 16} {
		if strings.HasSuffix(name, strconv.Itoa(bits)) {
			return bits
		}
	}
	if strings.HasSuffix(name, "32") || strings.HasSuffix(name, "48") || strings.HasSuffix(name, "64") {
		return 16 // Floats, and three or four samples of 16 bits.
	}
	return 8
}

// hasAlpha reports whether the pictures may be transparent.
func (v *videoInfo) hasAlpha() bool {
	return begins(v.format, "yuva", "gbrap", "ya8", "ya16", "rgba", "bgra", "argb", "abgr", "pal8", "ayuv", "vuya")
}

func begins(name string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// isRGB reports whether the pictures need a matrix to become luma and chroma.
func (v *videoInfo) isRGB() bool {
	return begins(v.format, "rgb", "bgr", "0rgb", "0bgr", "gbr", "argb", "abgr", "x2rgb", "x2bgr", "pal8", "mono") || v.color.matrix == "gbr"
}

// fullRange reports whether black is 0, which receivers of television do not expect.
func (v *videoInfo) fullRange() bool {
	return v.color.rng == "pc" || strings.HasPrefix(v.format, "yuvj") || strings.HasPrefix(v.format, "gray")
}

// colors returns the filters that make colors that receivers expect and that the
// encoder signals: transparent pictures on black, limited range, RGB as BT.709,
// and a high dynamic range only where the output can hold it.
func (p *plan) colors() []string {
	in := p.in.video
	var f []string
	if in.hasAlpha() {
		f = append(f, "format=gbrap", "premultiply=inplace=1")
	}
	switch {
	case p.toneMap:
		return append(f, p.toneMapping()...)
	case in.isRGB() || in.hasAlpha():
		return append(f, "scale=out_color_matrix=bt709:out_range=tv", "format="+choose(p.tenBit(), "yuv420p10le", "yuv420p"),
			"setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709")
	case in.fullRange():
		return append(f, "scale=out_range=tv", "format="+choose(p.tenBit(), "yuv420p10le", "yuv420p"), "setparams=range=tv"+p.assumed())
	}
	if a := p.assumed(); a != "" {
		f = append(f, "setparams="+strings.TrimPrefix(a, ":"))
	}
	return f
}

// assumed returns the parameters of colors that a source does not state, where a
// receiver of the output would guess others: it guesses by the size.
func (p *plan) assumed() string {
	in := p.in.video
	if known(in.color.matrix) || guess(in.height, p) == guess(p.video.Height, p) {
		return ""
	}
	g := guess(in.height, p)
	return fmt.Sprintf(":colorspace=%[1]s:color_primaries=%[1]s:color_trc=%s", g, choose(g == "bt709", "bt709", "smpte170m"))
}

// guess returns the colors that receivers guess of a picture of that height.
func guess(height int, p *plan) string {
	switch {
	case height >= 720:
		return "bt709"
	case near(p.rate.float(), 25, 0.001) || near(p.rate.float(), 50, 0.001):
		return "bt470bg"
	}
	return "smpte170m"
}

// wantsToneMap reports whether the source has a high dynamic range that the output
// cannot hold.
func (p *plan) wantsToneMap() bool {
	return p.in.video != nil && p.in.video.color.hdr() && !p.tenBit()
}

// toneMapping returns the filters from PQ or HLG to BT.709.
func (p *plan) toneMapping() []string {
	c := p.in.video.color
	params := "setparams=color_trc=" + c.transfer
	if !known(c.matrix) {
		params += ":colorspace=bt2020nc"
	}
	if !known(c.primaries) {
		params += ":color_primaries=bt2020"
	}
	return []string{
		params, "zscale=t=linear:npl=100", "format=gbrpf32le", "zscale=p=bt709", "tonemap=tonemap=hable:desat=0",
		"zscale=t=bt709:m=bt709:r=tv", "format=yuv420p",
	}
}
