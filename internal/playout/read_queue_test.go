package playout

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// After a stall a channel waits for its packets to be read instead of sending
// null packets at once, but it does not wait for ever.
func TestStalledChannelWaitsAWhile(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7)
	r.run(time.Second)
	r.hold = true
	r.stall(2 * time.Second)
	before := len(recs[0].got)
	r.run(ahead / 2)
	if n := len(recs[0].got) - before; n > 0 {
		t.Errorf("%d datagrams of packets that were not read", n)
	}
	r.run(ahead)
	after := recs[0].got[before:]
	if len(after) == 0 || !after[0].idle {
		t.Fatalf("%d datagrams after a while", len(after))
	}
	if s := p.Snapshot(); s.Outputs[0].Skipped < 2*perSecond/7 || after[0].number-recs[0].got[before-1].number != s.Outputs[0].Skipped+1 {
		t.Errorf("%d datagrams skipped, from number %d to %d", s.Outputs[0].Skipped, recs[0].got[before-1].number, after[0].number)
	}
	r.hold = false
	r.run(time.Second)
	if recs[0].got[len(recs[0].got)-1].idle {
		t.Error("it keeps sending null packets")
	}
}

// leaping is a clock that only waits advance.
type leaping struct{ manual }

func (c *leaping) Wait(until Instant) { c.now = max(c.now, until) }

// laborious is a stream whose reads advance the clock.
type laborious struct {
	fake
	clock *manual
}

func (l laborious) Fill(dst []byte, n packet.Number) error {
	l.clock.now = l.clock.now.Add(ms / 20)
	return l.fake.Fill(dst, n)
}

// A sender that is always behind, because it sends alone and takes too long,
// still reads: what it sends is late, but nothing is lost.
func TestReadsThoughBehind(t *testing.T) {
	const channels = 100
	r := newHarness(t)
	clock := &leaping{*r.clock}
	r.clock = &clock.manual
	r.sched = New(clock, slog.New(r.logged))
	r.sched.reads.running = runtime.GOMAXPROCS(0) // Nobody else reads.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	end := r.clock.now.Add(2 * time.Second)
	var all []*Channel
	var sinks []*recorder
	for range channels {
		p, recs := r.add(Config{Pacing: 10 * ms, Stream: laborious{clock: r.clock}}, 7)
		all, sinks = append(all, p), append(sinks, recs...)
	}
	r.sched.step(r.clock.now)
	for _, s := range sinks {
		s.answer = func(n int) output.Result {
			if r.clock.now = r.clock.now.Add(11 * ms / channels); r.clock.now > end {
				cancel()
			}
			return output.Result{Sent: n}
		}
	}
	r.sched.second.clock = clock
	r.sched.runSecond(ctx)
	for i, p := range all {
		if s := p.Snapshot(); s.Starved > 0 || s.Packets < perSecond {
			t.Fatalf("channel %d: %d packets were read too late, %d sent", i, s.Starved, s.Packets)
		}
	}
}

// waiting is a stream that has to wait for its source.
type waiting struct{ fake }

func (waiting) Waits() bool { return true }

// slow is a stream whose reads last until the gate opens.
type slow struct {
	fake
	gate chan struct{}
	read *atomic.Int32
}

func (s slow) Fill(dst []byte, n packet.Number) error {
	s.read.Add(1)
	<-s.gate
	return s.fake.Fill(dst, n)
}

// Few readers read at once; if one hangs, others do not wait for it for ever.
func TestReadQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var work sync.WaitGroup
		q := readQueue{goroutines: &work}
		gate, quit := make(chan struct{}), make(chan struct{})
		var begun atomic.Int32
		var all []*reader
		for range 100 {
			all = append(all, newReader(slow{gate: gate, read: &begun}, "", ahead, new(fault.Guard)))
		}
		now := Instant(0)
		work.Go(func() { // As the second sender does.
			for !isClosed(quit) {
				if !q.readOne(never) {
					time.Sleep(ms)
				}
			}
		})
		q.add(all, now, false)
		for range 20 {
			q.add(nil, now, false)
			now = now.Add(ms)
		}
		synctest.Wait()
		few := begun.Load()
		if most := max(1, runtime.GOMAXPROCS(0)-1); few == 0 || int(few) > most {
			t.Errorf("%d readers read at once, want 1 to %d", few, most)
		}
		now = now.Add(2 * stuckAfter)
		q.add(nil, now, false)
		now = now.Add(2 * stuckAfter)
		q.add([]*reader{newReader(waiting{}, "", ahead, new(fault.Guard))}, now, false)
		synctest.Wait()
		if begun.Load() <= few {
			t.Error("nothing helps the readers that hang")
		}
		close(gate)
		time.Sleep(time.Second)
		synctest.Wait()
		for i, p := range all {
			if !p.asleep.Load() || p.ring.Load().low() {
				t.Fatalf("reader %d has not read", i)
			}
		}
		close(quit)
		work.Wait()
		if q.running != 0 || len(q.queue) != 0 {
			t.Errorf("%d goroutines run, %d readers in the queue", q.running, len(q.queue))
		}
	})
}
