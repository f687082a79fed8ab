package encode

import (
	"encoding/binary"
	"math"
)

// lapPCM is the sound of one lap as if it were repeated: position length is
// position 0 again. It keeps only the samples near both ends.
//
// Positions are in samples. A lap is rarely a whole number of samples, so
// length is not whole; the last sample lies at the last whole position before it.
type lapPCM struct {
	channels int
	length   float64
	head     []float32 // interleaved, from position 0 on
	end      []float32 // interleaved, up to the last position before length
	endStart int       // position of the first sample in end
}

// wholeLength returns the number of whole positions before length.
func (p *lapPCM) wholeLength() int { return int(math.Ceil(p.length)) }

// sample returns a channel's value at a whole position, which may lie after
// the end of the lap: there it is interpolated from the lap's beginning.
func (p *lapPCM) sample(channel, n int) float64 {
	if float64(n) >= p.length {
		return p.interpolateHead(channel, math.Mod(float64(n)-p.length, p.length))
	}
	i := n - p.endStart
	if i < 0 || (i+1)*p.channels > len(p.end) {
		return p.headSample(channel, n)
	}
	return float64(p.end[i*p.channels+channel])
}

// headSample returns the value at a whole position of the beginning, 0 outside of it.
func (p *lapPCM) headSample(channel, n int) float64 {
	if n < 0 || (n+1)*p.channels > len(p.head) {
		return 0
	}
	return float64(p.head[n*p.channels+channel])
}

// interpolateHead returns the value at any position of the beginning, from the
// cubic through four samples around it. It never uses samples before position
// 0, because those are not a whole sample away.
func (p *lapPCM) interpolateHead(channel int, position float64) float64 {
	n := max(0, int(position)-1)
	x := position - float64(n)
	if x == math.Trunc(x) {
		return p.headSample(channel, n+int(x))
	}
	a, b, c, d := p.headSample(channel, n), p.headSample(channel, n+1), p.headSample(channel, n+2), p.headSample(channel, n+3)
	return -a*(x-1)*(x-2)*(x-3)/6 + b*x*(x-2)*(x-3)/2 - c*x*(x-1)*(x-3)/2 + d*x*(x-1)*(x-2)/6
}

// appendFrame appends the values of all channels at a position near the end of
// the lap or after it.
func (p *lapPCM) appendFrame(out []float32, position float64) []float32 {
	n := int(math.Floor(position))
	x := position - float64(n)
	if x < 1e-9 {
		for channel := range p.channels {
			out = append(out, float32(p.sample(channel, n)))
		}
		return out
	}
	k := sincKernel(x)
	for channel := range p.channels {
		sum := 0.0
		for i, weight := range k {
			sum += weight * p.sample(channel, n+i+1-sincTaps)
		}
		out = append(out, float32(sum))
	}
	return out
}

// sincTaps is how many samples on either side determine a value between samples.
const sincTaps = 24

// sincKernel returns the weights of the samples around a position that lies x
// after one of them, 0 < x < 1: a sinc under a Hann window. The sine changes
// only its sign from sample to sample, and the window is a rotation by a
// constant angle, so both are computed once.
func sincKernel(x float64) (k [2 * sincTaps]float64) {
	const angle = math.Pi / (sincTaps + 1)
	sign := -math.Sin(math.Pi*(x-1)) / math.Pi
	if sincTaps%2 == 1 {
		sign = -sign
	}
	re, im := math.Cos(angle*(x+sincTaps-1)), math.Sin(angle*(x+sincTaps-1))
	c, s := math.Cos(angle), math.Sin(angle)
	sum := 0.0
	for i := range k {
		d := x + sincTaps - 1 - float64(i)
		k[i] = sign / d * (0.5 + 0.5*re)
		sum += k[i]
		sign, re, im = -sign, re*c+im*s, im*c-re*s
	}
	for i := range k {
		k[i] /= sum
	}
	return k
}

// pcmRecorder is an io.Writer that receives the lap as 32-bit little-endian
// floats and records its beginning, up to the capacity of head, and its end.
type pcmRecorder struct {
	pcm       *lapPCM
	endFrames int // to keep
	partial   []byte
	values    int // received, of all channels
}

// Write implements io.Writer.
func (r *pcmRecorder) Write(p []byte) (int, error) {
	r.partial = append(r.partial, p...)
	values := len(r.partial) / 4
	for i := range values {
		r.add(math.Float32frombits(binary.LittleEndian.Uint32(r.partial[4*i:])))
	}
	r.partial = append(r.partial[:0], r.partial[4*values:]...)
	r.pcm.endStart = r.values/r.pcm.channels - len(r.pcm.end)/r.pcm.channels
	return len(p), nil
}

func (r *pcmRecorder) add(v float32) {
	p := r.pcm
	if len(p.head) < cap(p.head) {
		p.head = append(p.head, v)
	}
	r.values++
	p.end = append(p.end, v)
	if keep := r.endFrames * p.channels; len(p.end) >= 2*keep && r.values%p.channels == 0 {
		p.end = append(p.end[:0], p.end[len(p.end)-keep:]...)
	}
}
