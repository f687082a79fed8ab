package encode

import (
	"cmp"
	"math"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// plan holds every decision about an encoding.
type plan struct {
	input string // the address at which ffmpeg reads it
	video channel.EncodeVideo
	audio channel.EncodeAudio
	in    inputInfo
	rate  ratio // pictures per second; of sound without a picture, unused
	// frames is the number of pictures in a lap, gop the largest number in a GOP.
	frames, gop int
	// lead is the number of pictures encoded before the lap, in which the rate
	// control settles; it begins with a GOP of the previous lap. follow is the
	// number encoded after the lap, into which the encoder looks ahead.
	lead, follow int
	aspect       ratio // of a pixel of the output
	rateGiven    bool  // the settings have a frame rate
	// toneMap says that pictures of a high dynamic range (HDR) become ordinary ones.
	toneMap bool
}

// Durations of the lead and of what follows, in seconds.
const (
	leadSeconds   = 8
	followSeconds = 3
)

// newPlan fills in what the settings leave open from the source.
func newPlan(address string, set channel.Encode, in inputInfo) (*plan, error) {
	p := &plan{input: address, video: set.Video, audio: set.Audio, in: in}
	p.audio.Codec = cmp.Or(p.audio.Codec, channel.CodecAAC)
	p.audio.SampleRate = cmp.Or(p.audio.SampleRate, 48_000)
	if in.video == nil {
		return p, p.tooShort()
	}
	p.rate, p.rateGiven = p.frameRate(), set.Video.FramerateNumerator > 0
	p.frames = int(math.Round(in.video.seconds * p.rate.float()))
	if p.frames < 1 {
		return nil, fault.New(fault.Media, "its video lasts %.3f s, less than one picture at %d/%d fps", in.video.seconds, p.rate.num, p.rate.den)
	}
	p.size()
	p.rates()
	p.gops()
	if p.video.Codec == channel.CodecHEVC && p.video.Profile == "" && depth(in.video.format) > 8 {
		p.video.Profile = profileTenBit
	}
	return p, p.tooShort()
}

// tooShort returns the error of a lap that is too short for its sound, nil if it is not.
func (p *plan) tooShort() error {
	unit, _ := codecTiming(p.audio.Codec)
	least := float64(minAudioUnits*unit) / float64(p.audio.SampleRate)
	if p.lapSeconds() >= least {
		return nil
	}
	return fault.New(fault.Media, "a lap of %.3f s is too short for its audio, which needs %.3f s: make it longer with ffmpeg -stream_loop 99 -i IN OUT.mp4", p.lapSeconds(), least)
}

const profileTenBit = "MAIN_10BIT"

func (p *plan) seconds(frames int) float64 { return float64(frames) / p.rate.float() }

// begin returns when the lap begins, in seconds of the input.
func (p *plan) begin() float64 {
	if p.in.video == nil {
		return p.in.audio[0].start
	}
	return p.in.video.start
}

// lapSeconds returns how long a lap is. One of sound alone is as long as its first track.
func (p *plan) lapSeconds() float64 {
	if p.in.video == nil {
		return p.in.audio[0].seconds
	}
	return p.seconds(p.frames)
}

// frameRate returns the frame rate of the settings, else that of the source or
// the standard one nearest to it.
func (p *plan) frameRate() ratio {
	if p.video.FramerateNumerator > 0 {
		return ratio{p.video.FramerateNumerator, max(1, p.video.FramerateDenominator)}
	}
	rate, base := p.in.video.rate, p.in.video.base
	usual := standard(func(s ratio) bool { return near(rate.float(), s.float(), 0.0002) })
	if usual.num > 0 {
		return usual
	}
	if p.variable() {
		if usual = standard(func(s ratio) bool { return near(base.float(), s.float(), 0.0002) }); usual.num > 0 {
			return usual
		}
	} else if p.video.Codec != channel.CodecMPEG2 && rate.float() >= 1 && rate.float() <= 120 && rate.den <= 1001 && rate.num <= 120_000 {
		return rate
	}
	if rate.num == 0 {
		return ratio{25, 1}
	}
	// The smallest that has a place for every picture.
	return cmp.Or(standard(func(s ratio) bool { return s.float() > 0.99*rate.float() }), ratio{60, 1})
}

// variable reports whether the source's pictures are not equally long. The rate at
// which all have a place may be that of fields.
func (p *plan) variable() bool {
	rate, base := p.in.video.rate, p.in.video.base
	return base.num > 0 && rate.num > 0 && !near(base.float(), rate.float(), 0.001) && !near(base.float(), 2*rate.float(), 0.001)
}

// standard returns the first of the rates of television that ok takes, 0/0 for none.
func standard(ok func(ratio) bool) ratio {
	for _, s := range []ratio{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}} {
		if ok(s) {
			return s
		}
	}
	return ratio{}
}

// size fills in width, height and pixel aspect ratio. Pixels are square unless
// both dimensions come from the source.
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

// rates fills in bit rates that suit the size: a sixth of a bit per pixel in
// H.264, scaled by the efficiency of the other codecs.
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
		v.Bitrate = cmp.Or(v.Bitrate, fit)
		v.MaxBitrate = v.Bitrate
	case channel.RateVBR:
		v.Bitrate = cmp.Or(v.Bitrate, fit/2)
		v.MaxBitrate = cmp.Or(v.MaxBitrate, v.Bitrate*3/2)
	default:
		v.MaxBitrate = cmp.Or(v.MaxBitrate, fit)
	}
}

// gops fills in the GOP size and how much is encoded around the lap.
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

// maxLaps bounds how often a short source is repeated in the lead.
const maxLaps = 16

// audioTracks returns the audio tracks to encode: those of the source, or a
// silent one, which is nil.
func (p *plan) audioTracks() []*audioInfo {
	if len(p.in.audio) == 0 {
		return []*audioInfo{nil}
	}
	var tracks []*audioInfo
	for i := range p.in.audio {
		tracks = append(tracks, &p.in.audio[i])
	}
	return tracks
}

// channels returns the number of channels to encode of a track that has in.
func (p *plan) channels(in int) int {
	given := map[string]int{channel.CodingMono: 1, channel.CodingStereo: 2, channel.CodingSurround: 6}[p.audio.CodingMode]
	switch {
	case given > 0:
		return given
	case in == 1:
		return 1
	case in >= 6 && p.audio.Codec != channel.CodecMP2:
		return 6
	}
	return 2
}

// audioRate returns the bit rate of a track with that number of channels.
func (p *plan) audioRate(channels int) int64 {
	return cmp.Or(p.audio.Bitrate, channel.UsualAudioBitrate(p.audio.Codec, channels))
}
