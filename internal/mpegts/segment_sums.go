package mpegts

import "github.com/lilo-live/lilo/internal/loop"

// stride is how many units, or PES packets of audio, are between two places of a
// lap with a known number of packets before. Finding a segment goes through as many.
const stride = 64

// videoSums are the numbers of packets before every stride-th unit of a lap.
type videoSums []Slot

func newVideoSums(d *videoDemand) videoSums {
	var sums videoSums
	n := Slot(0)
	for u := range d.video.Len() {
		if u%stride == 0 {
			sums = append(sums, n)
		}
		n += d.unitSize(u)
	}
	return sums
}

// before returns how many packets the units before one take, from lap 0 on, modulo 2⁶⁴.
func (s videoSums) before(d *videoDemand, unit loop.UnitNumber) packetCount {
	lap, u := d.video.Index(unit)
	n := Slot(lap)*d.packets + s[u/stride]
	for i := u / stride * stride; i < u; i++ {
		n += d.unitSize(i)
	}
	return packetCount(n)
}

// audioSums are the same for the PES packets that begin in a lap: [r][n] is for
// laps whose first unit is the r-th of a PES packet and that have Floor + n units.
type audioSums [][2][]Slot

func newAudioSums(d *audioDemand) audioSums {
	sums := make(audioSums, d.frames)
	for r := range d.frames {
		for long := range 2 {
			units, n, j := d.audio.Floor+long, Slot(0), 0
			for i := d.firstPES(loop.UnitNumber(r)); i < units; i += d.frames {
				if j%stride == 0 {
					sums[r][long] = append(sums[r][long], n)
				}
				n += d.packets(i, units)
				j++
			}
		}
	}
	return sums
}

// sent is before for any lap: it counts backwards for those before lap 0.
func (d *audioDemand) sent(lap loop.LapNumber) packetCount {
	if lap >= 0 {
		return d.before(lap)
	}
	var sum packetCount
	for ; lap < 0; lap++ {
		l := d.audio.Lap(lap)
		sum -= packetCount(d.laps[d.residue(l.First)][l.Len-d.audio.Floor])
	}
	return sum
}
