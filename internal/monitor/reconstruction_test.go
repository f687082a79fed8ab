package monitor

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// sentOnLegs is a datagram that comes on a leg.
type sentOnLegs struct {
	leg    int
	number uint16
	at     time.Time
}

// reconstruct runs a reconstruction over datagrams in the order of their arrival, and returns it
// with the numbers that it delivers.
func reconstruct(t *testing.T, legs int, all []sentOnLegs) (*reconstruction, []uint16, []time.Time) {
	t.Helper()
	var got []uint16
	var times []time.Time
	last := time.Time{}
	r := newReconstruction(make([]LegReport, legs), func(at time.Time, b []byte) {
		if at.Before(last) {
			t.Errorf("datagram %d comes %v before the one before it", binary.BigEndian.Uint16(b[2:]), last.Sub(at))
		}
		last = at
		times = append(times, at)
		got = append(got, binary.BigEndian.Uint16(b[2:]))
	})
	slices.SortStableFunc(all, func(a, b sentOnLegs) int { return a.at.Compare(b.at) })
	for _, d := range all {
		r.advance(d.at)
		r.datagram(d.leg, d.at, rtpDatagram(d.number, 7))
	}
	r.flush()
	return r, got, times
}

// rtpDatagram returns an RTP datagram of that number and SSRC.
func rtpDatagram(number uint16, ssrc uint32) []byte {
	b := []byte{0x80, 33}
	b = binary.BigEndian.AppendUint16(b, number)
	b = binary.BigEndian.AppendUint32(b, uint32(number)*100)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	return append(b, bytes.Repeat([]byte{byte(number)}, 188)...)
}

// SMPTE 2022-7: nothing is missing that one leg has brought, whatever the others lose, in
// order, also where the sequence numbers wrap; and it is known what each has lost.
func TestReconstruction(t *testing.T) {
	const datagrams, first = 70_000, 65_000
	random := rand.New(rand.NewPCG(1, 2))
	begin := time.Unix(1_700_000_000, 0)
	var all []sentOnLegs
	var lost [2]int64
	for i := range datagrams {
		skip := -1
		if i > 0 && random.IntN(10) == 0 || i/1000%10 == 3 {
			skip = i / 10_000 % 2 // Single ones, and each leg for a thousand.
			lost[skip]++
		}
		for leg, skew := range []time.Duration{0, 40 * time.Millisecond} {
			if leg != skip {
				jitter := time.Duration(random.IntN(3000)) * time.Microsecond // More than the time between two.
				all = append(all, sentOnLegs{leg, uint16(first + i), begin.Add(time.Duration(i)*time.Millisecond + skew + jitter)})
			}
		}
	}
	all[0].at, all[1].at = begin.Add(-time.Millisecond), begin.Add(-time.Millisecond) // Both begin with the first.
	r, got, times := reconstruct(t, 2, all)
	if len(got) != datagrams {
		t.Fatalf("%d datagrams, want %d", len(got), datagrams)
	}
	for i, n := range got {
		if n != uint16(first+i) {
			t.Fatalf("datagram %d has the number %d, want %d", i, n, uint16(first+i))
		}
		// A receiver that delays each leg by as much as it needs gets them as evenly as they were sent.
		if late := times[i].Sub(begin.Add(time.Duration(i) * time.Millisecond)); i > 1000 && (late < -8*time.Millisecond || late > 8*time.Millisecond) {
			t.Fatalf("datagram %d is delivered %v late", i, late)
		}
	}
	reports := r.reports()
	for i, l := range reports {
		if l.Lost != lost[i] || l.Alone != lost[1-i] || l.Datagrams != datagrams-lost[i] || l.Late+l.Duplicate+l.Foreign != 0 {
			t.Errorf("leg %d: %+v, want %d lost", i, l, lost[i])
		}
	}
	if skew := reports[1].SkewMS.P50; skew < 37 || skew > 43 {
		t.Errorf("the second leg is %.1f ms behind, want 40", skew)
	}
	if r.missing+r.different+r.restarts != 0 || r.verdict() != nil {
		t.Errorf("%d missing, %d different, %d restarts, %v", r.missing, r.different, r.restarts, r.verdict())
	}
}

func TestReconstructionOfTroubledLegs(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(1_700_000_000, 0).Add(time.Duration(ms) * time.Millisecond) }
	steady := func(leg, from, to int) (all []sentOnLegs) {
		for i := from; i < to; i++ {
			all = append(all, sentOnLegs{leg, uint16(i), at(i)})
		}
		return all
	}
	for name, c := range map[string]struct {
		all          []sentOnLegs
		got          int
		lost         [2]int64
		late, double int64
	}{
		"both lose the same":     {slices.Concat(steady(0, 0, 50), steady(0, 60, 2000), steady(1, 0, 55), steady(1, 60, 2000)), 1995, [2]int64{10, 5}, 0, 0},
		"a leg that never comes": {steady(0, 0, 2000), 2000, [2]int64{0, 2000}, 0, 0},
		"a leg that comes later": {slices.Concat(steady(0, 0, 2000), steady(1, 500, 2000)), 2000, [2]int64{0, 0}, 0, 0},
		"a leg that ends":        {slices.Concat(steady(0, 0, 500), steady(1, 0, 2000)), 2000, [2]int64{1500, 0}, 0, 0},
		"a datagram twice":       {slices.Concat(steady(0, 0, 2000), steady(1, 0, 2000), []sentOnLegs{{0, 20, at(25)}}), 2000, [2]int64{0, 0}, 0, 1},
		"a datagram too late":    {slices.Concat(steady(0, 0, 2000), steady(1, 0, 100), steady(1, 101, 2000), []sentOnLegs{{1, 100, at(900)}}), 2000, [2]int64{0, 1}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, got, _ := reconstruct(t, 2, c.all)
			a, b := r.reports()[0], r.reports()[1]
			if len(got) != c.got || [2]int64{a.Lost, b.Lost} != c.lost || a.Late+b.Late != c.late || a.Duplicate+b.Duplicate != c.double {
				t.Errorf("%d datagrams, %+v, %+v; want %d, %d lost, %d late, %d twice", len(got), a, b, c.got, c.lost, c.late, c.double)
			}
		})
	}
}

func TestLegsOfDifferentStreams(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for name, c := range map[string]struct {
		a, b []byte
		want string
	}{
		"another SSRC":  {rtpDatagram(1, 7), rtpDatagram(1, 8), "the legs are different streams (other SSRC or sequence numbers): give the URLs of one"},
		"other bytes":   {rtpDatagram(1, 7), append(rtpDatagram(1, 7), 1), "1 datagrams of one number differ: the legs are not one stream"},
		"no RTP at all": {rtpDatagram(1, 7), bytes.Repeat([]byte{0x47}, 188), "1 datagrams are not RTP, which alone numbers them: give one URL only"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReconstruction(make([]LegReport, 2), func(time.Time, []byte) {})
			r.datagram(0, at, c.a)
			r.datagram(1, at, c.b)
			r.flush()
			if err := r.verdict(); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// No datagrams, however hostile, make it panic or grow.
func FuzzReconstruction(f *testing.F) {
	f.Add([]byte{0, 0, 1, 1, 0, 2, 0, 255, 255})
	f.Fuzz(func(t *testing.T, steps []byte) {
		r := newReconstruction(make([]LegReport, 2), func(time.Time, []byte) {})
		at := time.Unix(1_700_000_000, 0)
		for ; len(steps) >= 3; steps = steps[3:] {
			at = at.Add(time.Duration(steps[0]) * 10 * time.Millisecond)
			r.datagram(int(steps[0]&1), at, rtpDatagram(binary.BigEndian.Uint16(steps[1:]), uint32(steps[0]>>7)))
			r.advance(at)
		}
		r.flush()
	})
}
