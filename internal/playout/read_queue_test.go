package playout

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
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
	p, recs := r.add(Config{Pacing: 10 * ms}, 7)
	r.run(time.Second)
	r.hold = true
	r.stall(2 * time.Second)
	before, stalled := len(recs[0].got), r.clock.now
	r.run(ahead / 2)
	if n := len(recs[0].got) - before; n > 0 {
		t.Errorf("%d datagrams of packets that were not read", n)
	}
	r.run(ahead)
	after := recs[0].got[before:]
	if len(after) == 0 || !after[0].idle {
		t.Fatalf("%d datagrams after a while", len(after))
	}
	if waited := after[0].at.Sub(stalled); waited != ahead {
		t.Errorf("it waited for %v", waited)
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
	r.sched.reads.running = 1000 // Nobody else reads.
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

// newQueue returns a queue on a clock that a test sets.
func newQueue() (q *readQueue, clock *manual, goroutines *sync.WaitGroup) {
	clock, goroutines = new(manual), new(sync.WaitGroup)
	return &readQueue{clock: clock, goroutines: goroutines}, clock, goroutines
}

// readers returns readers of a stream.
func readers(n int, s Stream) (all []*reader) {
	for range n {
		all = append(all, newReader(s, "", ahead, new(fault.Guard)))
	}
	return all
}

// Readers read in the order in which they were queued, each until its ring is full.
func TestQueueIsFirstInFirstOut(t *testing.T) {
	var order []string
	q, _, _ := newQueue()
	for i, name := range []string{"a", "b", "c", "d"} {
		q.add(readers(1, telling{done: func(string) { order = append(order, name) }}), Instant(i))
	}
	for again := readers(1, telling{done: func(string) { order = append(order, "e") }}); q.readOne(0, never); again = nil {
		q.add(again, 0)
	}
	if got := strings.Join(order, ""); got != "abcde" || !q.idle() || q.last.next != nil {
		t.Errorf("they read in the order %q", got)
	}
}

// One sender at a time reads, so that the other can send.
func TestOneSenderReads(t *testing.T) {
	q, _, _ := newQueue()
	q.add(readers(2, fake{}), 0)
	r := q.pop(0, never, true)
	if q.readOne(0, never) {
		t.Error("both senders read")
	}
	if q.idle() || !q.readNext(0, never, false) {
		t.Error("nobody else reads")
	}
	if q.done(r, false, true); !q.readOne(0, never) {
		t.Error("no sender reads any more")
	}
}

// Goroutines stand in for readers that hang, two for each, and no sooner.
func TestGoroutinesStandIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, clock, goroutines := newQueue()
		gate := make(chan struct{})
		var read atomic.Int32
		hangs := slow{gate: gate, read: &read}
		q.add(readers(20, hangs), 0)
		goroutines.Go(func() { q.readOne(clock.now, never) }) // As a sender does.
		synctest.Wait()
		for _, step := range []struct {
			at      time.Duration
			few     bool
			reading int32 // of the readers, with the sender's
			next    time.Duration
		}{
			{0, true, 1, hungAfter},
			{hungAfter - 1, true, 1, 2*hungAfter - 1},
			{hungAfter, true, 2, 2 * hungAfter},
			{hungAfter, true, 3, 2 * hungAfter},
			{hungAfter, true, 3, 2 * hungAfter},
			{2*hungAfter - 1, true, 3, 3*hungAfter - 1},
			{2 * hungAfter, true, 4, 3 * hungAfter},
			{2 * hungAfter, true, 5, 3 * hungAfter},
			{2 * hungAfter, true, 6, 3 * hungAfter},
			{2 * hungAfter, true, 7, 3 * hungAfter},
			{2 * hungAfter, true, 7, 3 * hungAfter},
		} {
			clock.now = Instant(step.at)
			next := q.watch(step.few)
			synctest.Wait()
			if n := read.Load(); n != step.reading || next != Instant(step.next) {
				t.Fatalf("at %v, %d readers read, want %d; the next look is at %v, want %v", step.at, n, step.reading, time.Duration(next), step.next)
			}
		}
		close(gate)
		goroutines.Wait()
		if !q.idle() || q.running != 0 || q.hung != 0 || len(q.reading) != 0 || q.watch(true) != never {
			t.Errorf("at the end: %+v", q)
		}
	})
}

// A reader that waits for long gets help, and those of many channels do as far as there
// are processors for it.
func TestHelpForThoseThatWait(t *testing.T) {
	q, _, _ := newQueue()
	q.add(readers(1, fake{}), 0)
	spare := runtime.GOMAXPROCS(0) - 2
	for _, c := range []struct {
		at   time.Duration
		few  bool
		want int
	}{{waitAfter - 1, true, 0}, {waitAfter, true, 1}, {waitAfter - 1, false, spare}, {waitAfter, false, spare + 1}} {
		if n := q.helpers(Instant(c.at), c.few); n != c.want {
			t.Errorf("after %v, with few channels: %v, %d goroutines may read, want %d", c.at, c.few, n, c.want)
		}
	}
	if q.running = 1000; q.watch(false) != Instant(waitAfter) {
		t.Error("with many channels, the queue is not looked at when a reader has waited")
	}
}

// A reader that has hung reads alone, until its reads are fast again.
func TestSlowReadersReadAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var goroutines sync.WaitGroup
		q := readQueue{clock: newTimerClock(time.Now()), goroutines: &goroutines}
		took := 2 * hungAfter
		one := readers(1, sleeping{took: &took})
		r := one[0]
		q.add(one, 0)
		goroutines.Go(func() { q.readNext(0, never, false) })
		time.Sleep(hungAfter)
		q.add(readers(1, fake{}), 0) // It has to wait, so the other is looked at.
		q.watch(true)
		goroutines.Wait()
		if !r.slow.Load() || !r.asleep.Load() || r.ring.Load().lacks() {
			t.Errorf("it is slow: %v, and has read to the end: %v", r.slow.Load(), r.asleep.Load())
		}
		for _, c := range []struct {
			took time.Duration
			slow bool
		}{{hungAfter, true}, {hungAfter - 1, false}} {
			r.ring.Load().head.store(0)
			r.asleep.Store(false)
			took = c.took
			q.add(one, 0)
			goroutines.Wait() // A reader in the queue would stay there.
			if !r.asleep.Load() || r.slow.Load() != c.slow {
				t.Errorf("with reads of %v, it has read: %v, and is slow: %v", c.took, r.asleep.Load(), r.slow.Load())
			}
		}
		if q.add(one, 0); q.first == nil {
			t.Error("a reader that is fast again still reads alone")
		}
	})
}

// sleeping is a stream whose reads last for some time.
type sleeping struct {
	fake
	took *time.Duration
}

func (s sleeping) Fill(dst []byte, n packet.Number) error {
	time.Sleep(*s.took)
	return s.fake.Fill(dst, n)
}

// A reader that has to wait for its source reads alone from the first.
func TestWaitingReadersReadAlone(t *testing.T) {
	q, _, goroutines := newQueue()
	one := readers(1, waiting{})
	q.add(one, 0)
	goroutines.Wait()
	if q.first != nil || !one[0].asleep.Load() {
		t.Error("it was queued")
	}
}

// Where few channels play, the first sender reads until its next train, and no longer; where
// many do, it does not read.
func TestFirstSenderReads(t *testing.T) {
	for name, c := range map[string]struct {
		channels int64
		until    time.Duration // from now
		parts    int
	}{
		"before a train":   {1, time.Second, 8},
		"at a train":       {1, 0, 0},
		"until a train":    {1, 3 * ms / 20, 3},
		"of many channels": {groupSize + 1, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t)
			r.sched.second.clock = r.clock
			r.sched.timetable.channels.Store(c.channels)
			parts := 0
			r.sched.reads.add(readers(1, counted{laborious{clock: r.clock}, &parts}), r.clock.now)
			if r.sched.readUntil(r.clock.now.Add(c.until)); parts != c.parts {
				t.Errorf("it read %d parts, want %d", parts, c.parts)
			}
		})
	}
}

// counted counts reads.
type counted struct {
	laborious
	parts *int
}

func (c counted) Fill(dst []byte, n packet.Number) error {
	*c.parts++
	return c.laborious.Fill(dst, n)
}
