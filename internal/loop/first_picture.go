package loop

import (
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// lapStart returns the unit that a lap begins with: the last random access point from
// which on all pictures can be decoded that the file presents, which are among units
// from to end − 1. If there is none, it is the first one that pictures can be decoded
// from.
func (s *starter) lapStart(from int) (start, error) {
	t := s.track
	best := start{unit: -1}
	for i := from; i >= 0; i-- {
		c, err := s.look(i)
		if err != nil {
			return best, err
		}
		if c.unit < 0 {
			continue
		}
		best = c
		if !slices.ContainsFunc(c.lost, func(i int) bool { return t.Units[i].PTS() >= t.From }) {
			return best, nil
		}
	}
	for i := from + 1; best.unit < 0 && i < s.end; i++ {
		var err error
		if best, err = s.look(i); err != nil {
			return best, err
		}
	}
	if best.unit < 0 {
		return best, fault.New(fault.Media,
			"video track %d has no picture that decoding can begin with: it cannot repeat without encoding (--encode avc)", t.ID)
	}
	return best, nil
}

// start is a unit that a lap can begin with.
type start struct {
	unit    int // −1 for none
	picture media.Picture
	lost    []int // its leading pictures that refer to pictures before it, rising
}

// counts reports whether a running decoder keeps counting pictures at the start, so
// that it loses some where one lap meets the next unless the lap counts on.
func (s start) counts() bool {
	return s.picture == media.RecoveryPoint || s.picture == media.IntraOnly
}

// starter reads samples to see whether a lap can begin with them.
type starter struct {
	asset *media.Asset
	track *media.Track
	end   int // of the units that the file presents
	buf   []byte
}

// look returns unit i as a start. It reads only what is marked as a random access point.
func (s *starter) look(i int) (start, error) {
	none := start{unit: -1}
	if u := s.track.Units[i]; !u.RandomAccess() || u.Gradual() {
		return none, nil
	}
	p, err := s.picture(i)
	switch {
	case err != nil:
		return none, err
	case p == media.Refresh:
		return start{unit: i, picture: p}, nil
	case p != media.OpenRefresh && p != media.RecoveryPoint && p != media.IntraOnly:
		return none, nil
	}
	lost, err := s.undecodable(i)
	return start{i, p, lost}, err
}

// refresh returns a start that resets a decoder, in place of one that does not: within a
// minute before it, or after it if no more than half of the lap is lost; s if there is none.
func (s *starter) refresh(counting start) (start, error) {
	const seconds = 60
	units := s.track.Units
	limit := seconds * int64(s.track.Timescale)
	for i := counting.unit - 1; i >= 0 && units[counting.unit].DTS-units[i].DTS <= limit; i-- {
		if c, err := s.look(i); err != nil || c.unit >= 0 && !c.counts() {
			return c, err
		}
	}
	for i := counting.unit + 1; i < (counting.unit+s.end)/2 && units[i].DTS-units[counting.unit].DTS <= limit; i++ {
		if c, err := s.look(i); err != nil || c.unit >= 0 && !c.counts() {
			return c, err
		}
	}
	return counting, nil
}

// picture reads how unit i depends on others. A damaged one depends on them.
func (s *starter) picture(i int) (media.Picture, error) {
	var err error
	if s.buf, err = s.asset.ReadUnit(s.track, i, s.buf); err != nil {
		return media.Dependent, fault.Of(fault.Source, err)
	}
	if p, err := s.track.Video().Picture(s.buf); err == nil {
		return p, nil
	}
	return media.Dependent, nil // What sends the unit reports the damage.
}

// undecodable returns the indices of the leading pictures of unit first that
// refer to pictures before it, in rising order.
func (s *starter) undecodable(first int) (lost []int, err error) {
	units := s.track.Units
	for i := first + 1; i < min(s.end, first+maxLeading); i++ {
		if units[i].PTS() >= units[first].PTS() {
			continue
		}
		p, err := s.picture(i)
		if err != nil {
			return nil, err
		}
		if p != media.DecodableLeading {
			lost = append(lost, i)
		}
	}
	return lost, nil
}

// maxLeading bounds how far after a random access point its leading pictures are
// searched: a decoded picture buffer holds at most 16 pictures (H.264, A.3.1;
// HEVC, A.4.2), and fields double them.
const maxLeading = 64

// without returns the units, the first of which is unit first of the track, without
// those that are lost. The remaining ones take the last of the decoding times, so
// that the steps between them do not change.
func without(units []media.AccessUnit, first int, lost []int) []media.AccessUnit {
	last := lost[len(lost)-1] - first
	kept := make([]media.AccessUnit, 0, len(units)-len(lost))
	for i, u := range units[:last+1] {
		if !slices.Contains(lost, first+i) {
			kept = append(kept, u)
		}
	}
	takeLastTimes(kept, units[:last+1])
	return append(kept, units[last+1:]...)
}

// takeLastTimes gives the kept units the last decoding times of all. One may then be
// decoded after its presentation on the media's timeline: Unit moves all of them.
func takeLastTimes(kept, all []media.AccessUnit) {
	shift := len(all) - len(kept)
	for i := range kept {
		u := &kept[i]
		pts := u.PTS()
		u.DTS = all[shift+i].DTS
		u.CTO = int32(pts - u.DTS)
	}
}
