package playout

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

func outputs(all ...*recorder) (out []output.Output) {
	for _, r := range all {
		out = append(out, r)
	}
	return out
}

// No datagram of any size lies across the end of a ring.
func TestRingKeepsDatagramsWhole(t *testing.T) {
	r := newRing(1000)
	for packets := int64(1); packets <= output.MaxPackets; packets++ {
		for first := int64(0); first < 3*r.size; first += packets {
			if got := len(r.span(first, first+packets)); got != int(packets)*packet.Size {
				t.Fatalf("datagram of %d packets at %d: %d bytes in one piece", packets, first, got)
			}
		}
	}
}

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
	h.tally(&counted)
	for i, got := range counted.quantiles(shares...) {
		exact := all[max(0, int(shares[i]*float64(len(all)))-1)]
		if shares[i] > 0 && (got < exact || got > exact+exact/16+time.Microsecond) {
			t.Errorf("quantile %v = %v, exactly it is %v", shares[i], got, exact)
		}
	}
}

// The lateness between two moments is that of the trains between them alone.
func TestTallySince(t *testing.T) {
	p := &Channel{}
	for i := range 100 {
		p.counts.late(50*ms, Instant(i))
	}
	before := p.LatenessHistogram()
	for i := range 1000 {
		p.counts.late(time.Duration(i)*ms/100, Instant(time.Second)+Instant(i))
	}
	between := p.LatenessHistogram().Since(before)
	if between.Max < 9*ms || between.Max > 11*ms || between.P50 < 5*ms || between.P50 > 6*ms || between.P999 > between.Max {
		t.Errorf("%v at most, %v half of them, want 10ms and 5ms", between.Max, between.P50)
	}
	if all := p.counts.lateNow(); all.Max != 50*ms || all.P999 != 50*ms || all.LastSecond != 50*ms {
		t.Errorf("since the start %v at most, want 50ms", all.Max)
	}
	if nothing := p.LatenessHistogram().Since(p.LatenessHistogram()); nothing != (Lateness{}) {
		t.Errorf("%v where nothing left", nothing.Max)
	}
	if n := testing.AllocsPerRun(10, func() { p.counts.lateNow() }); n > 1 {
		t.Errorf("a look allocates %v times, want 1, of a few bytes", n)
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

// Few channels share one wake-up; a thousand spread, all phases are used alike,
// and no hand has to send more than a handful at once.
func TestGridSpreads(t *testing.T) {
	for channels, phases := range map[int]int{1: 1, crowd: 1, crowd + 1: 2, 10 * crowd: 10, 1000: 10} {
		var g grid
		for range channels {
			g.join(&Channel{pacing: 10 * ms}, At(time.Now()))
		}
		at := map[time.Duration]int{}
		for _, b := range g.buckets {
			at[b.offset] += len(b.members)
			if len(b.members) > handful {
				t.Errorf("%d channels: a bucket of %d, want at most %d", channels, len(b.members), handful)
			}
		}
		if len(at) != phases {
			t.Errorf("%d channels lie in %d phases, want %d", channels, len(at), phases)
		}
		for offset, n := range at {
			if most := max(crowd, (channels+phases-1)/phases+handful); n > most {
				t.Errorf("%d channels: %d at %v, want at most %d", channels, n, offset, most)
			}
		}
	}
}

// A bucket that a hand has is no other's, though it is due again, and its
// channels are those of the end only when the hand has released it.
func TestGridClaims(t *testing.T) {
	var g grid
	start := At(time.Unix(1, 0))
	for range handful + 1 {
		g.join(&Channel{pacing: 10 * ms}, start)
	}
	now := start.Add(25 * ms)
	first, at := g.claim(now)
	second, _ := g.claim(now)
	if first == nil || second == nil || first == second || at != start.Add(20*ms) {
		t.Fatalf("claimed %p and %p at %v, want two at 20ms", first, second, at.Sub(start))
	}
	now = now.Add(10 * ms)
	if b, _ := g.claim(now); b != nil {
		t.Error("a bucket is claimed twice")
	}
	if next := g.next(now); next <= now || next > now.Add(phase) {
		t.Errorf("to be looked at %v from now, want a phase", next.Sub(now))
	}
	g.release(second)
	if b, _ := g.claim(now); b != second {
		t.Error("what was released and is due is not claimed")
	}
	g.release(second)
	time.AfterFunc(10*time.Millisecond, func() { first.members = nil; g.release(first) })
	if left := g.end(); len(left) != len(second.members) {
		t.Errorf("%d channels are left, want %d", len(left), len(second.members))
	}
	if b, _ := g.claim(now.Add(time.Second)); b != nil {
		t.Error("a bucket is claimed after the end")
	}
}

func TestBucketAfter(t *testing.T) {
	b := bucket{pacing: 10 * ms, offset: 3 * ms}
	for now, want := range map[time.Duration]time.Duration{0: 3 * ms, 3*ms - 1: 3 * ms, 3 * ms: 13 * ms, 13*ms + 1: 23 * ms} {
		base := Instant(time.Hour)
		if got := b.after(base.Add(now)); got != base.Add(want) {
			t.Errorf("after %v comes %v, want %v", now, got.Sub(base), want)
		}
	}
}

// The system's clock never wakes early, and an interrupt ends a wait that
// would last for ever, whether it comes before or during it.
func TestSystemClock(t *testing.T) {
	c, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 5 {
		until := c.Now().Add(2 * ms)
		c.Wait(until)
		if now := c.Now(); now < until {
			t.Errorf("woke %v early", until.Sub(now))
		}
	}
	c.Interrupt()
	c.Wait(never)
	go c.Interrupt()
	c.Wait(never)
	if n := testing.AllocsPerRun(20, func() { c.Wait(c.Now()) }); n > 0 {
		t.Errorf("Wait allocates %v times, want 0", n)
	}
}

// An instant that is near is waited for on the thread, which neither keeps an
// interrupt out nor the collector, for which all goroutines have to stop.
func TestSystemClockNear(t *testing.T) {
	c, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	waits := 0
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		for range 10 {
			runtime.GC()
		}
	}()
	for begun := false; !begun || !isClosed(collected); begun = true {
		for until := c.Now().Add(ms / 2); c.Now() < until; waits++ {
			c.Wait(until)
		}
	}
	if waits > 100_000 {
		t.Errorf("%d waits for 10 collections: it does not wait", waits)
	}
	c.Interrupt()
	c.Wait(c.Now().Add(ms / 2))
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
