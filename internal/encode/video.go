package encode

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
)

// videoArgs returns the arguments of ffmpeg that encode the lead, the lap and
// what follows as one stream into the file out.
func (p *plan) videoArgs(out string) []string {
	args := []string{"-hide_banner", "-nostdin", "-v", "error", "-y", "-copyts", "-nostats", "-progress", "pipe:1"}
	var graph strings.Builder
	parts := p.parts()
	for i, x := range parts {
		// A picture may be larger than the container says.
		args = append(args, "-max_pixels", strconv.Itoa(maxPixels), "-reinit_filter", "0")
		args = append(args, p.seekArgs(x)...)
		args = append(args, inputArgs(p.input)...)
		fmt.Fprintf(&graph, "[%d:%d]%s,tpad=stop=-1:stop_mode=clone,trim=end_frame=%d,setpts=PTS-STARTPTS[p%d];",
			i, p.in.video.index, p.filters(x), x.count, i)
	}
	for i := range parts {
		fmt.Fprintf(&graph, "[p%d]", i)
	}
	fmt.Fprintf(&graph, "concat=n=%d:v=1:a=0,fps=%d/%d,setpts=N*%d/%d/TB[out]", len(parts), p.rate.num, p.rate.den, p.rate.den, p.rate.num)
	args = append(args, "-filter_complex", graph.String(), "-map", "[out]", "-map_metadata", "-1", "-map_chapters", "-1")
	args = append(args, "-r", fmt.Sprintf("%d/%d", p.rate.num, p.rate.den), "-frames:v", strconv.Itoa(p.lead+p.frames+p.follow))
	args = append(args, "-force_key_frames", p.keyFrames())
	args = append(args, p.codecArgs()...)
	return append(args, "-f", "mp4", out)
}

// part is a range of pictures of the lap.
type part struct{ from, count int }

// parts returns the ranges to encode, in order.
func (p *plan) parts() []part {
	var all []part
	if p.lead < p.frames {
		all = append(all, part{p.frames - p.lead, p.lead})
	} else {
		for range p.lead / p.frames {
			all = append(all, part{0, p.frames})
		}
	}
	all = append(all, part{0, p.frames})
	for left := p.follow; left > 0 && len(all) < 2*maxLaps; left -= p.frames {
		all = append(all, part{0, min(left, p.frames)})
	}
	return all
}

// first returns when the first picture of a part is shown in the input, in seconds.
func (p *plan) first(x part) float64 { return p.in.video.start + p.seconds(x.from) }

// seekArgs returns the input options that seek to a part. They aim a quarter of a
// picture early, because times are rounded. Without an index, all is decoded up to
// the part.
func (p *plan) seekArgs(x part) []string {
	if x.from == 0 || !p.in.seekable {
		return nil
	}
	return []string{"-ss", strconv.FormatFloat(p.first(x)-0.25/p.rate.float()-p.in.begin, 'f', 6, 64)}
}

// keyFrames returns the expression that forces IDR pictures where a lap begins
// and where each GOP of it does.
func (p *plan) keyFrames() string {
	offset := (p.frames - p.lead%p.frames) % p.frames
	return fmt.Sprintf(`expr:not(mod(mod(n+%d,%d),%d))`, offset, p.frames, p.gop)
}

// filters returns the filter chain from the source's pictures to those of a part.
func (p *plan) filters(x part) string {
	in, v := p.in.video, p.video
	// What counts pictures must not begin anew where their size changes, so that filter
	// comes first which takes any size.
	f := []string{fmt.Sprintf("scale=%d:%d", in.width, in.height)}
	if in.format != "" {
		f = append(f, "format="+in.format)
	}
	f = append(f, "setpts=PTS-"+strconv.FormatFloat(p.first(x), 'f', 6, 64)+"/TB")
	// Fields at another rate than the source's are made anew, from pictures.
	refield := v.ScanType == channel.ScanInterlaced && in.interlaced && !near(p.rate.float(), in.rate.float(), 0.001)
	rate := p.rate
	switch {
	case refield:
		rate.num *= 2
		f = append(f, "bwdif=mode=send_field")
	case in.interlaced && v.ScanType == channel.ScanProgressive:
		f = append(f, "bwdif=mode="+choose(p.rate.float() > 1.5*in.rate.float(), "send_field", "send_frame"))
	}
	f = append(f, fmt.Sprintf("fps=%d/%d:start_time=0", rate.num, rate.den))
	f = append(f, p.scaling()...)
	switch {
	case refield:
		f = append(f, "interlace=scan=tff:lowpass=complex")
	case v.ScanType == channel.ScanInterlaced && !in.interlaced:
		f = append(f, "setfield=tff")
	}
	return strings.Join(append(f, "format="+choose(p.tenBit(), "yuv420p10le", "yuv420p")), ",")
}

// tenBit reports whether the output has ten bits a sample.
func (p *plan) tenBit() bool { return p.video.Profile == profileTenBit }

// scaling returns the filters that fit pictures into the output as MediaLive's
// scaling behavior DEFAULT does: centered, with their aspect ratio, on black.
func (p *plan) scaling() []string {
	in, v := p.in.video, p.video
	var f []string
	if in.width%2 != 0 || in.height%2 != 0 {
		f = append(f, fmt.Sprintf("crop=%d:%d:0:0", in.width&^1, in.height&^1))
	}
	f = append(f, p.colors()...)
	if p.aspect == in.aspect && v.Width == in.width&^1 && v.Height == in.height&^1 {
		return append(f, fmt.Sprintf("setsar=%d/%d", p.aspect.num, p.aspect.den))
	}
	shape := float64(in.width) * in.aspect.float() / float64(in.height)
	w, h := float64(v.Width), float64(v.Height)
	if w/h > shape {
		w = h * shape
	} else {
		h = w / shape
	}
	even := func(x float64, most int) int { return min(most, max(2, int(math.Round(x/2))*2)) }
	inner := []int{even(w, v.Width), even(h, v.Height)}
	interlaced := choose(in.interlaced && v.ScanType == channel.ScanInterlaced && near(p.rate.float(), in.rate.float(), 0.001), 1, 0)
	f = append(f, fmt.Sprintf("scale=%d:%d:flags=bicubic:interl=%d", inner[0], inner[1], interlaced))
	if inner[0] < v.Width || inner[1] < v.Height {
		f = append(f, fmt.Sprintf("pad=%d:%d:%d:%d", v.Width, v.Height, (v.Width-inner[0])/4*2, (v.Height-inner[1])/4*2))
	}
	return append(f, "setsar=1")
}
