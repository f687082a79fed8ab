package playout

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogramQuantiles(t *testing.T) {
	var h histogram
	var all []time.Duration
	random := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		d := time.Duration(random.ExpFloat64() * float64(ms))
		h.add(d)
		all = append(all, d)
	}
	slices.Sort(all)
	shares := []float64{0, 0.5, 0.99, 0.999, 1}
	var counted LatenessHistogram
	h.copyTo(&counted)
	for i, got := range counted.quantiles(shares...) {
		exact := all[max(0, int(shares[i]*float64(len(all)))-1)]
		if shares[i] > 0 && (got < exact || got > exact+exact/16+time.Microsecond) {
			t.Errorf("quantile %v = %v, exactly it is %v", shares[i], got, exact)
		}
	}
}

// The lateness between two moments is that of the trains between them only.
func TestLatenessSince(t *testing.T) {
	c := &Channel{}
	for i := range 100 {
		c.counts.late(50*ms, Instant(i))
	}
	before := c.LatenessHistogram()
	for i := range 1000 {
		c.counts.late(time.Duration(i)*ms/100, Instant(time.Second)+Instant(i))
	}
	between := c.LatenessHistogram().Since(before)
	if between.Max < 9*ms || between.Max > 11*ms || between.P50 < 5*ms || between.P50 > 6*ms || between.P999 > between.Max {
		t.Errorf("%v at most, %v half of them, want 10ms and 5ms", between.Max, between.P50)
	}
	if all := c.counts.lateNow(); all.Max != 50*ms || all.P999 != 50*ms || all.LastSecond != 50*ms {
		t.Errorf("since the start %v at most, want 50ms", all.Max)
	}
	if nothing := c.LatenessHistogram().Since(c.LatenessHistogram()); nothing != (Lateness{}) {
		t.Errorf("%v though nothing left", nothing.Max)
	}
	if n := testing.AllocsPerRun(10, func() { c.counts.lateNow() }); n > 1 {
		t.Errorf("lateNow allocates %v times, want 1, of a few bytes", n)
	}
}

func TestHistogramClasses(t *testing.T) {
	for d := time.Duration(0); d < time.Hour; d += d/50 + 100 {
		class := classOf(d)
		if end := classEnd(class); d >= end || class > 0 && d < classEnd(class-1) {
			t.Fatalf("%v is in class %d, which ends at %v", d, class, end)
		}
	}
	if classOf(1<<62) != classes-1 || classOf(-1) != 0 {
		t.Error("durations out of range are not in the first or last class")
	}
}

// What was lost to all outputs is counted in datagrams.
func TestLost(t *testing.T) {
	s := Snapshot{Starved: 15, Outputs: []OutputSnapshot{{Skipped: 1, Dropped: 20}, {Skipped: 2, Dropped: 30}}}
	if l := s.Lost(); l != (Lost{Skipped: 3, Dropped: 50, Unread: 5}) || l.Total() != 58 {
		t.Errorf("lost %+v, %d in all", l, l.Total())
	}
}
