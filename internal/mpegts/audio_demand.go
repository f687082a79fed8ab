package mpegts

import (
	"math"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// audioDemand is what an audio track asks of a multiplex, whatever its rate.
//
// PES packet j holds the units j·frames to j·frames + frames − 1 of the track's
// grid. A lap may begin with any unit of a PES packet, so a unit of the lap
// shares its PES packet with different ones in different laps.
type audioDemand struct {
	audio  *loop.Audio
	frames int // units in a PES packet
	buffer media.Buffer
	// laps[r][n] is how many packets the PES packets take that begin in a lap
	// whose first unit is the r-th of a PES packet and that has Floor + n units.
	laps [][2]Slot
	// counts[r][k] is how many of these the PES packets take that begin with the first
	// k·countStep units. None of them holds a unit that is not in every lap.
	counts [][]Slot
	// weights[i] is the sum over units 0 to i − 1 of a lap, 0 ≤ i ≤ Floor + 1, of
	// the packets of the largest PES packet the unit may be in: frames times what
	// it takes of the multiplex at most.
	weights sums
	densest Slot  // the largest of these
	largest int32 // the size of the largest unit
	// sizes[n] is what audio.Size returns for laps of Floor + n units, while the
	// demand is computed.
	sizes [2][]uint16
}

func newAudioDemand(a *loop.Audio, frames int, b media.Buffer) *audioDemand {
	d := &audioDemand{audio: a, buffer: b}
	d.largest = max(d.measure(0), d.measure(1))
	if a.Tail == 0 { // The lengths of laps make no difference.
		d.sizes[1] = d.sizes[0]
	}
	// A PES packet spans two laps at most, and holds only units of the second one
	// that are the same in all laps.
	frames = max(1, min(frames, a.Floor-a.Tail))
	d.frames = framesWithin(d.largest, b.Size, min(frames, framesIn(a, maxPESDuration)))
	d.laps, d.counts = make([][2]Slot, d.frames), make([][]Slot, d.frames)
	for r := range d.laps {
		d.countPackets(r)
	}
	d.weigh()
	d.sizes = [2][]uint16{}
	return d
}

// measure keeps the sizes of the units of a lap of Floor + long units and returns the
// largest. Where it does not fit 16 bits, none is kept.
func (d *audioDemand) measure(long int) (largest int32) {
	if long == 1 && d.audio.Tail == 0 {
		return d.largest
	}
	sizes := make([]uint16, d.audio.Floor+1)
	for i := range sizes {
		n := d.audio.Size(i, d.audio.Floor+long)
		sizes[i], largest = uint16(n), max(largest, int32(n))
	}
	if largest <= math.MaxUint16 {
		d.sizes[long] = sizes
	}
	return largest
}

// maxPESDuration keeps the PTS of a track within the 700 ms of ISO/IEC 13818-1,
// 2.7.4, with time for packets that wait.
const maxPESDuration = 600 * time.Millisecond

// framesIn returns how many units of a track last no longer than d, 1 at least.
func framesIn(a *loop.Audio, d time.Duration) int {
	c := a.Track.Audio()
	return max(1, int(media.MulDiv(int64(d), int64(c.SampleRate()), int64(time.Second)*int64(c.FrameSamples()))))
}

// framesWithin returns the most units, up to frames, that a PES packet may hold
// so that it fits the decoder's buffer together with what arrives while it
// waits. largest is the size of the largest unit.
func framesWithin(largest int32, buffer, frames int) int {
	for frames > 1 && int(largest)*(frames+1)+packet.Size > buffer {
		frames--
	}
	return frames
}

// unitSize returns the size in bytes of unit i of a lap of so many units. Units
// after the lap are those of the next one.
func (d *audioDemand) unitSize(i, units int) int {
	i = wrap(i, units)
	if sizes := d.sizes[units-d.audio.Floor]; sizes != nil {
		return int(sizes[i])
	}
	return d.audio.Size(i, units)
}

// wrap returns i modulo units, for i of less than a few times units.
func wrap(i, units int) int {
	for i >= units && units > 0 {
		i -= units
	}
	return i
}

// packets returns how many packets the PES packet takes that begins with unit i
// of a lap of so many units.
func (d *audioDemand) packets(i, units int) Slot {
	n := pesHeaderPTS
	for f := range d.frames {
		n += d.unitSize(i+f, units)
	}
	return ceilDiv(Slot(n), payloadSize)
}

// firstPES returns the first unit of a lap that begins a PES packet, when the lap
// itself begins with a unit of the grid.
func (d *audioDemand) firstPES(unit loop.UnitNumber) int {
	return (d.frames - d.residue(unit)) % d.frames
}

// residue returns which unit of its PES packet a unit of the grid is.
func (d *audioDemand) residue(unit loop.UnitNumber) int {
	return int(unit) - int(media.FloorDiv(int64(unit), int64(d.frames)))*d.frames
}

// countStep is how many units of a lap lie between two counts of its packets.
const countStep = 1024

// countPackets adds up the PES packets that begin in laps whose first unit is the r-th of a
// PES packet.
func (d *audioDemand) countPackets(r int) {
	var sum Slot
	i, counts := d.firstPES(loop.UnitNumber(r)), []Slot{0}
	for steps := d.countSteps(d.audio.Floor); len(counts) <= steps; counts = append(counts, sum) {
		for ; i < len(counts)*countStep; i += d.frames {
			sum += d.packets(i, d.audio.Floor)
		}
	}
	d.counts[r] = counts
	for long := range d.laps[r] {
		units := d.audio.Floor + long
		d.laps[r][long] = sum
		for j := i; j < units; j += d.frames {
			d.laps[r][long] += d.packets(j, units)
		}
	}
}

// countSteps returns how many times countStep units of a lap begin PES packets that end
// before unit end and hold none that is not in every lap.
func (d *audioDemand) countSteps(end int) int {
	return max(0, min(end, d.audio.Floor-d.audio.Tail)-d.frames+1) / countStep
}

// before returns how many packets go before the PES packets that begin in a
// lap, from lap 0 on, modulo 2⁶⁴.
func (d *audioDemand) before(lap loop.LapNumber) packetCount {
	var sum packetCount
	for r, packets := range d.laps {
		for long, n := range packets {
			sum += packetCount(d.audio.Laps(lap, int64(r), int64(d.frames), long == 1)) * packetCount(n)
		}
	}
	return sum
}

// once returns how many packets the PES packets take that hold only units of lap 0.
func (d *audioDemand) once() packetCount {
	lap, count := d.audio.Lap(0), d.before(1)
	units := lap.Len
	first := d.firstPES(lap.First)
	if first >= units {
		return count
	}
	if over := (units - first) % d.frames; over > 0 {
		count -= packetCount(d.packets(units-over, units))
	}
	return count
}

// weigh computes weights and densest. A unit near the ends of a lap may share a
// PES packet with units of the next lap, which may have either length.
func (d *audioDemand) weigh() {
	n := d.audio.Floor + 1
	heaviest := make([]uint32, n+1) // of each unit, first
	note := func(from, units int) {
		p := uint32(d.packets(from, units))
		for f := range d.frames {
			i := wrap(from+f, units)
			heaviest[i+1] = max(heaviest[i+1], p)
		}
	}
	for i := range n {
		note(i, n)
		if i+d.frames+d.audio.Tail >= n && i < n-1 {
			note(i, n-1)
		}
	}
	d.densest = Slot(slices.Max(heaviest))
	d.weights = newSums(heaviest)
}

// sums are the sums of the first i of many small numbers. They take 4 bytes each where
// they fit.
type sums struct {
	narrow []uint32
	wide   []Slot // instead of narrow
}

// newSums adds up values[1:], and takes the slice.
func newSums(values []uint32) sums {
	var total Slot
	for _, v := range values {
		total += Slot(v)
	}
	if total <= math.MaxUint32 {
		for i := range values[1:] {
			values[i+1] += values[i]
		}
		return sums{narrow: values}
	}
	wide := make([]Slot, len(values))
	for i, v := range values[1:] {
		wide[i+1] = wide[i] + Slot(v)
	}
	return sums{wide: wide}
}

// of returns the sum of the first i.
func (s *sums) of(i int64) Slot {
	if s.wide != nil {
		return s.wide[i]
	}
	return Slot(s.narrow[i])
}

// len returns how many numbers are summed up.
func (s *sums) len() int64 { return int64(max(len(s.wide), len(s.narrow))) - 1 }

// withoutWeights returns the same demand without weights, which grow with the loop.
func (d *audioDemand) withoutWeights() *audioDemand {
	c := *d
	c.weights = sums{}
	return &c
}

// timestamp returns when a unit of the grid begins in an entry that begins at
// start, without the presentation delay.
func (d *audioDemand) timestamp(unit loop.UnitNumber, start PCR) media.Ticks {
	c := d.audio.Track.Audio()
	return timestamp(int64(unit)*int64(c.FrameSamples()), int64(c.SampleRate()), start)
}

// pesPosition is a place among the PES packets of an audio track.
type pesPosition struct {
	*audioDemand
	number loop.LapNumber // of the lap in which the PES packet begins
	lap    loop.Lap       // the lap
	unit   int            // the lap's unit that the PES packet begins with
	count  packetCount    // packets before this one, since the entry began, modulo 2⁶⁴
}

// enter goes to the first PES packet that begins in a lap.
func (p *pesPosition) enter(lap loop.LapNumber) {
	p.number, p.lap = lap, p.audio.Lap(lap)
	p.unit = p.firstPES(p.lap.First)
}

// gridUnit returns the unit of the grid that the PES packet begins with.
func (p *pesPosition) gridUnit() loop.UnitNumber { return p.lap.First + loop.UnitNumber(p.unit) }

// settle moves on to the lap in which the PES packet begins.
func (p *pesPosition) settle() {
	for p.unit >= p.lap.Len {
		p.unit -= p.lap.Len
		p.number++
		p.lap = p.audio.Lap(p.number)
	}
}

// skip goes on to a PES packet that is not far before unit end of the grid.
func (p *pesPosition) skip(end loop.UnitNumber) {
	r := p.residue(p.lap.First)
	steps := p.countSteps(int(end - p.lap.First))
	if first := steps * countStep; first > p.unit {
		p.unit += int(ceilDiv(int64(first-p.unit), int64(p.frames))) * p.frames
		p.count += packetCount(p.counts[r][steps])
	}
}

func (p *pesPosition) size() Slot { return p.packets(p.unit, p.lap.Len) }

func (p *pesPosition) advance() {
	p.unit += p.frames
	p.settle()
}

// appendPES appends the PES packet. delay is the presentation delay of an entry
// that begins at start.
func (p *pesPosition) appendPES(b []byte, r *media.Reader, delay media.Ticks, start PCR) ([]byte, error) {
	from := len(b)
	pts := p.timestamp(p.gridUnit(), start) + delay
	b = appendPESHeader(b, p.audio.Track.Coding.StreamID(), pts, pts, false)
	var left error
	for f := range p.frames {
		var err error
		if b, err = p.appendUnit(b, r, p.unit+f); err != nil && fault.KindOf(err) != fault.Media {
			return b, err
		} else if err != nil {
			left = err
		}
	}
	for packets := int(p.size()); len(b)-from < packets; { // Silence in place of a very large sample.
		b = append(b, 0)
	}
	length := len(b) - from - 6
	b[from+4], b[from+5] = byte(length>>8), byte(length)
	return b, left
}

// appendUnit appends unit i of the lap. Units after the lap are those of the next one.
// Silence takes the place of a unit that cannot be carried, and the error is a
// media.DamageError.
func (p *pesPosition) appendUnit(b []byte, r *media.Reader, i int) ([]byte, error) {
	t := p.audio.Track
	u, ok := p.audio.Unit(wrap(i, p.lap.Len), p.lap.Len)
	if !ok {
		return t.Coding.AppendUnit(b, t.Audio().Silence(), media.Place{Marks: media.RandomAccess})
	}
	sample, err := r.Sample(u)
	if err != nil {
		return b, fault.Of(fault.Source, err)
	}
	from := len(b)
	if b, err = t.Coding.AppendUnit(b, sample, media.Place{Marks: media.RandomAccess}); err != nil {
		b, _ = t.Coding.AppendUnit(b[:from], t.Audio().Silence(), media.Place{Marks: media.RandomAccess})
		if room := len(sample) + t.Coding.Extra(media.RandomAccess); len(b)-from > room {
			b = append(b[:from], make([]byte, room)...) // No decoder takes zeros for a frame.
		}
		return b, fault.New(fault.Media, "audio track %d, sample %d at byte %d of the file: %w", t.ID, u+1, t.Units[u].Offset, &media.DamageError{Units: 1, Text: err.Error()})
	}
	return b, nil
}
