package mpegts

import "github.com/lilo-live/lilo/internal/media"

// stride is how many units, or PES packets of sound, lie between two places of a
// lap for which it is known how many packets go before. As many have to be gone
// through to find a piece.
const stride = 64

// pictureSums is how many packets the pictures take before every stride-th unit of a lap.
type pictureSums []int64

func newPictureSums(s *videoShape) pictureSums {
	var sums pictureSums
	n := int64(0)
	for u := range s.len {
		if u%stride == 0 {
			sums = append(sums, n)
		}
		n += s.unit(u)
	}
	return sums
}

// before returns how many packets the units before one take, from lap 0 on, modulo 2⁶⁴.
func (p pictureSums) before(s *videoShape, unit int64) uint64 {
	lap, u := s.place(unit)
	n := lap*s.packets + p[u/stride]
	for i := int64(u) / stride * stride; i < int64(u); i++ {
		n += s.unit(i)
	}
	return uint64(n)
}

// soundSums is the same for the PES packets of sound that begin in a lap: [r][n]
// is of laps whose first unit is the r-th of a PES packet, and that hold Floor + n units.
type soundSums [][2][]int64

func newSoundSums(s *audioShape) soundSums {
	sums := make(soundSums, s.frames)
	for r := range s.frames {
		for long := range int64(2) {
			units, n, j := int64(s.lap.Floor)+long, int64(0), 0
			for i := s.first(r); i < units; i += s.frames {
				if j%stride == 0 {
					sums[r][long] = append(sums[r][long], n)
				}
				n += s.packets(i, units)
				j++
			}
		}
	}
	return sums
}

// residue returns which unit of its PES packet a unit of the grid is.
func (s *audioShape) residue(unit int64) int64 {
	return unit - media.FloorDiv(unit, s.frames)*s.frames
}

// sent is before for any lap: those before lap 0 count backwards.
func (s *audioShape) sent(n int64) uint64 {
	if n >= 0 {
		return s.before(n)
	}
	var sum uint64
	for ; n < 0; n++ {
		lap := s.lap.Lap(n)
		sum -= uint64(s.laps[s.residue(lap.First)][lap.Len-s.lap.Floor])
	}
	return sum
}
