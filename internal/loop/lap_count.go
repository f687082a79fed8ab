package loop

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// counter is a coding that numbers pictures from one refresh to the next (H.264). Where
// no refresh begins a lap, its numbers run on from those of the lap before.
type counter interface {
	// LapCount returns by how much the numbers after a lap are ahead of those at its
	// beginning. Its arguments are the samples that are decoded first and last, and
	// shown first and last. ok is false where they do not tell.
	LapCount(first, last, firstShown, lastShown []byte) (n media.Count, head media.Head, ok bool)
}

// maxLooked is how many random access points a lap may have that are looked at to
// see whether one is a refresh.
const maxLooked = 1000

// countOn makes a lap that does not begin with a refresh count on from the one before. It
// leaves v.count zero where the coding does not count or the samples do not tell.
func (v *Video) countOn(s *starter) error {
	c, ok := v.Track.Coding.(counter)
	if !ok || v.Track.Changes != nil {
		return nil
	}
	looked, low, high := 0, 0, 0
	for u := range v.units {
		if v.at(u).PTS() < v.at(low).PTS() {
			low = u
		}
		if v.at(u).PTS() > v.at(high).PTS() {
			high = u
		}
		if v.refresh > 0 || !v.units[u].RandomAccess() {
			continue
		}
		if looked++; looked > maxLooked {
			return nil
		}
		p, err := s.picture(v.sample(u))
		if err != nil {
			return err
		}
		if p == media.Refresh {
			v.refresh = u
		}
	}
	var samples [4][]byte
	for i, u := range [...]int{0, len(v.units) - 1, low, high} {
		var err error
		if samples[i], err = s.asset.ReadUnit(v.Track, v.sample(u), nil); err != nil {
			return fault.Of(fault.Source, err)
		}
	}
	if n, head, ok := c.LapCount(samples[0], samples[1], samples[2], samples[3]); ok {
		v.count, v.head = n, head
	}
	return nil
}

// counted returns the count of unit u of a lap.
func (v *Video) counted(lap LapNumber, u int) media.Count {
	switch {
	case v.refresh == 0:
		return v.count.Times(int64(lap))
	case u < v.refresh:
		return v.count
	}
	return media.Count{}
}

// headFrame returns the HeadFrame of unit u of a lap. Only while there are fewer units than
// numbers does the number of one tell how far it is from the first one.
func (v *Video) headFrame(u int) uint32 {
	if u+len(v.lost) >= v.head.Units || v.refresh > 0 && u >= v.refresh {
		return 0
	}
	return v.head.Frame + 1
}
