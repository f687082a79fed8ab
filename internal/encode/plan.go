package encode

import (
	"math"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// plan is an encoding of which everything is decided.
type plan struct {
	input string // the path that ffmpeg reads
	video channel.EncodeVideo
	audio channel.EncodeAudio
	in    contents
	rate  ratio // pictures a second
	// frames is how many pictures a lap has, gop how many a GOP at most.
	frames, gop int
	// lead is how many pictures are encoded before the lap, so that the rate
	// control has settled; it begins a GOP of the lap before. follow is how many
	// are encoded behind it, for the encoder to look ahead into.
	lead, follow int
	aspect       ratio // of a pixel of the output
}

// How long the lead and what follows are, in seconds.
const (
	leadSeconds   = 8
	followSeconds = 3
)

// newPlan decides what the settings leave to the source.
func newPlan(input string, set channel.Encode, in contents) (*plan, error) {
	p := &plan{input: input, video: set.Video, audio: set.Audio, in: in}
	p.rate = p.frameRate()
	p.frames = int(math.Round(in.video.seconds * p.rate.float()))
	if p.frames < 1 {
		return nil, fault.New(fault.Media, "its video lasts %.3f s, less than a picture of %d/%d fps", in.video.seconds, p.rate.num, p.rate.den)
	}
	p.size()
	p.rates()
	p.gops()
	p.sound()
	return p, nil
}

// seconds is how long so many pictures last.
func (p *plan) seconds(frames int) float64 { return float64(frames) / p.rate.float() }

// frameRate is the one asked for, else the source's or the nearest that is a standard's.
func (p *plan) frameRate() ratio {
	if p.video.FramerateNumerator > 0 {
		return ratio{p.video.FramerateNumerator, max(1, p.video.FramerateDenominator)}
	}
	rate := p.in.video.rate
	standard := []ratio{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}}
	nearest := standard[2]
	for _, s := range standard {
		if math.Abs(s.float()-rate.float()) < math.Abs(nearest.float()-rate.float()) {
			nearest = s
		}
	}
	usual := near(rate.float(), nearest.float(), 0.0002)
	switch {
	case usual, rate.num == 0, p.video.Codec == channel.CodecMPEG2:
		return nearest
	case rate.float() >= 1 && rate.float() <= 120 && rate.den <= 1001 && rate.num <= 120_000:
		return rate
	}
	return nearest // Variable, by all appearance.
}

// size fills in width and height, and the aspect of a pixel: a size that is
// asked for has square ones, that of the source keeps the source's.
func (p *plan) size() {
	v, in := &p.video, p.in.video
	even := func(x float64) int { return max(16, int(math.Round(x/2))*2) }
	shape := float64(in.width) * in.aspect.float() / float64(in.height)
	p.aspect = ratio{1, 1}
	switch {
	case v.Width == 0 && v.Height == 0:
		v.Width, v.Height, p.aspect = in.width&^1, in.height&^1, in.aspect
	case v.Width == 0:
		v.Width = even(float64(v.Height) * shape)
	case v.Height == 0:
		v.Height = even(float64(v.Width) / shape)
	}
}

// rates fills in bit rates that fit the size: a sixth of a bit for a pixel in
// H.264, less where the codec is better.
func (p *plan) rates() {
	v := &p.video
	bits := float64(v.Width*v.Height) * p.rate.float() / 6
	switch v.Codec {
	case channel.CodecHEVC:
		bits *= 0.6
	case channel.CodecMPEG2:
		bits *= 1.6
	}
	fit := int64(min(80e6, max(1e6, math.Round(bits/1e5)*1e5)))
	switch v.RateControlMode {
	case channel.RateCBR:
		v.Bitrate = or(v.Bitrate, fit)
		v.MaxBitrate = v.Bitrate
	case channel.RateVBR:
		v.Bitrate = or(v.Bitrate, fit/2)
		v.MaxBitrate = or(v.MaxBitrate, v.Bitrate*3/2)
	default:
		v.MaxBitrate = or(v.MaxBitrate, fit)
	}
}

func or(a, b int64) int64 {
	if a > 0 {
		return a
	}
	return b
}

// gops fills in the GOP, and how much is encoded around the lap.
func (p *plan) gops() {
	p.gop = int(p.video.GopSize)
	if p.video.GopSizeUnits == channel.GopSeconds {
		p.gop = int(math.Round(p.video.GopSize * p.rate.float()))
	}
	p.gop = min(max(1, p.gop), p.frames)
	p.follow = int(math.Ceil(followSeconds * p.rate.float()))
	p.lead = int(math.Ceil(leadSeconds * p.rate.float()))
	if p.lead >= p.frames {
		laps := min(maxLaps, (p.lead+p.frames-1)/p.frames)
		p.lead = laps * p.frames
		return
	}
	p.lead = p.frames - (p.frames-p.lead)/p.gop*p.gop
}

// maxLaps bounds how often a short source is read for the lead.
const maxLaps = 16

// sound fills in what the first track of sound decides; each track has a
// channel count of its own.
func (p *plan) sound() {
	if p.audio.Codec == "" {
		p.audio.Codec = channel.CodecAAC
	}
	if p.audio.SampleRate == 0 {
		p.audio.SampleRate = 48_000
	}
}

// channels is how many a track of so many has when it is encoded.
func (p *plan) channels(in int) int {
	switch p.audio.CodingMode {
	case channel.CodingMono:
		return 1
	case channel.CodingStereo:
		return 2
	case channel.CodingSurround:
		return 6
	}
	switch {
	case in == 1:
		return 1
	case in >= 6 && p.audio.Codec != channel.CodecMP2:
		return 6
	}
	return 2
}

// audioRate is the bit rate of a track of so many channels.
func (p *plan) audioRate(channels int) int64 {
	usual := map[string]map[int]int64{
		channel.CodecAAC: {1: 64_000, 2: 128_000, 6: 384_000},
		channel.CodecAC3: {1: 96_000, 2: 192_000, 6: 448_000},
		channel.CodecMP2: {1: 96_000, 2: 192_000},
	}
	return or(p.audio.Bitrate, usual[p.audio.Codec][channels])
}
