package playout

import (
	"context"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// TestQuantilesAreExact has as many trains as the shares ask for, and one more.
func TestQuantilesAreExact(t *testing.T) {
	var h LatenessHistogram
	h.counts[1], h.counts[3], h.counts[7], h.max = 2, 1, 1, 7500*time.Nanosecond
	got := h.quantiles(0.5, 0.75, 0.76, 1)
	const us = time.Microsecond
	for i, want := range []time.Duration{2 * us, 4 * us, 8 * us, 8 * us} {
		if got[i] != min(want, h.max) {
			t.Errorf("quantile %d is %v, want %v", i, got[i], min(want, h.max))
		}
	}
}

// TestLatenessOfTheLastSecond counts trains in three seconds.
func TestLatenessOfTheLastSecond(t *testing.T) {
	var c counts
	for _, x := range []struct{ at, late, last time.Duration }{
		{0, 3 * ms, 0},
		{900 * ms, 5 * ms, 0},
		{999 * ms, 1 * ms, 0},
		{1000 * ms, 2 * ms, 5 * ms},
		{1999 * ms, 4 * ms, 5 * ms},
		{2000 * ms, 0, 4 * ms},
		{3000 * ms, 0, 0},
	} {
		c.late(x.late, Instant(time.Hour+x.at))
		if got := c.lateNow().LastSecond; x.at > 0 && got != x.last {
			t.Errorf("at %v, the last second's is %v, want %v", x.at, got, x.last)
		}
	}
}

// TestSnapshotCountsBytes compares the counts of a channel with what an output got.
func TestSnapshotCountsBytes(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7)
	r.run(time.Second)
	n := int64(len(recs[0].got))
	if s := p.Snapshot(); n == 0 || s.Datagrams != n || s.Packets != 7*n || s.Bytes != 7*n*packet.Size {
		t.Errorf("%d datagrams, and the snapshot has %d, %d packets, %d bytes", n, s.Datagrams, s.Packets, s.Bytes)
	}
}

// TestRecoveryTakesItsTime has a destination that fails, then refuses, and then takes all.
func TestRecoveryTakesItsTime(t *testing.T) {
	for name, c := range map[string]struct {
		trouble output.Result
		after   time.Duration
	}{
		"failing": {output.Result{Dropped: 1, Err: syscall.ENETDOWN}, recoveryTime},
		"refused": {output.Result{Refused: 1}, listenTime},
	} {
		t.Run(name, func(t *testing.T) {
			told := &lines{}
			log := newAsyncLog(slog.New(told))
			d := &destination{out: &recorder{packets: 7}, packets: 7}
			begin := Instant(time.Hour)
			d.count(c.trouble, begin, log)
			if now := d.snapshot(); now.Unheard != (c.trouble.Err == nil) || (now.LastError == "") != now.Unheard {
				t.Errorf("it is %+v", now)
			}
			for _, step := range []time.Duration{1, c.after / 2, c.after - 1} {
				if d.count(output.Result{Sent: 1}, begin.Add(step), log); d.state == sending {
					t.Errorf("it has recovered after %v", step)
				}
			}
			if d.count(output.Result{Sent: 1}, begin.Add(c.after), log); d.state != sending || d.snapshot() != (OutputSnapshot{URL: "test://recorder", Dropped: int64(c.trouble.Dropped), Refused: int64(c.trouble.Refused)}) {
				t.Errorf("after %v, it is %v: %+v", c.after, d.state, d.snapshot())
			}
		})
	}
}

// TestRingHoldsFourTrains has pacings for which the time to read ahead is too short.
func TestRingHoldsFourTrains(t *testing.T) {
	for pacing, want := range map[time.Duration]time.Duration{8 * ms: ahead, 75 * ms: ahead, 80 * ms: 320 * ms, time.Second: 4 * time.Second} {
		c, _ := newHarness(t).add(Config{Pacing: pacing}, 7)
		if c.reader.span != want || c.ring.want != c.stream.Before(want) {
			t.Errorf("at a pacing of %v, the ring holds %v, want %v", pacing, c.reader.span, want)
		}
	}
}

// TestEndsOnTime ends a channel with the train of its end.
func TestEndsOnTime(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 10 * ms, For: time.Second}, 1)
	r.run(time.Second - ms)
	if p.reader.ended.Load() {
		t.Error("it has ended early")
	}
	r.run(2 * ms)
	if !p.reader.ended.Load() || len(recs[0].got) != perSecond {
		t.Errorf("after 1 s, it has ended: %v; %d packets were sent, want %d", p.reader.ended.Load(), len(recs[0].got), perSecond)
	}
}

// TestTolerance stalls for as long as a channel still catches up, and for a train longer.
func TestTolerance(t *testing.T) {
	const pacing, tolerance = 10 * ms, 50 * ms
	for stall, want := range map[time.Duration]time.Duration{tolerance: 0, tolerance + pacing: tolerance + pacing} {
		r := newHarness(t)
		p, recs := r.add(Config{Pacing: pacing, Tolerance: tolerance}, 1)
		r.run(time.Second)
		before := p.nextTrain
		r.clock.now = before.Add(stall)
		sent := len(recs[0].got)
		r.step()
		// All before the present train is skipped, and that is sent and on time.
		skipped := int64(p.stream.Before(before.Sub(p.epoch)+want-pacing) - p.stream.Before(before.Sub(p.epoch)-pacing))
		s := p.Snapshot()
		if s.Outputs[0].Skipped != skipped {
			t.Errorf("after a stall of %v, %d are skipped, want %d", stall, s.Outputs[0].Skipped, skipped)
		}
		if want > 0 && (s.Late.Max != 0 || recs[0].got[sent].first != recs[0].got[sent-1].first+1+skipped) {
			t.Errorf("after a stall of %v, the latest train is %v late", stall, s.Late.Max)
		}
	}
}

// TestNothingIsLaterThanTheTolerance has senders that come late within a train too, and what
// is due read only later. Nothing leaves more than the tolerance after its train's instant.
func TestNothingIsLaterThanTheTolerance(t *testing.T) {
	const pacing, tolerance = 100 * ms, 230 * ms
	for stall := time.Duration(0); stall <= 600*ms; stall += 5 * ms {
		for unread := time.Duration(0); unread <= 400*ms; unread += 50 * ms {
			r := newHarness(t)
			p, recs := r.add(Config{Pacing: pacing, Tolerance: tolerance}, 7)
			r.run(time.Second)
			r.hold = true
			r.run(p.nextTrain.Sub(r.clock.now))
			r.stall(pacing + stall) // It last sent a train of its instant.
			sent := len(recs[0].got)
			r.run(unread)
			r.hold = false
			r.run(time.Second)
			if skipped := p.Snapshot().Outputs[0].Skipped; (skipped > 0) != (stall > tolerance) {
				t.Errorf("after %v, %d datagrams are skipped", stall, skipped)
			}
			for _, d := range recs[0].got[sent:] {
				if late := d.at.Sub(p.epoch.Add(p.stream.Due(packet.Number(d.first)))); late > pacing+tolerance {
					t.Fatalf("after %v, and %v without reads, a datagram leaves %v after it was due", stall, unread, late)
				}
			}
		}
	}
}

// TestFailedStreamSendsWhatItHas sends all that was read before a source went away.
func TestFailedStreamSendsWhatItHas(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms, Stream: fake{failAt: 2 * perSecond}}, 1)
	r.run(3 * time.Second)
	if got, want := int64(len(recs[0].got)), int64(p.ring.head.load()); got != want || want < perSecond {
		t.Errorf("%d packets were sent of %d that were read", got, want)
	}
}

// chunks is a stream that remembers how many packets each read asks for.
type chunks struct {
	fake
	asked *[]packet.Number
}

func (c chunks) Fill(dst []byte, n packet.Number) error {
	*c.asked = append(*c.asked, packet.Number(len(dst)/packet.Size))
	return c.fake.Fill(dst, n)
}

// TestReadsAnEighthAtATime fills a ring, and again when an eighth of it is missing.
func TestReadsAnEighthAtATime(t *testing.T) {
	var asked []packet.Number
	r := newReader(chunks{asked: &asked}, "", 100*ms, new(fault.Guard)) // 333 packets, so that the ring does not wrap.
	ring := r.ring.Load()
	r.readAhead()
	if len(asked) != 8 || asked[0] != ring.hold/8 || !r.asleep.Load() {
		t.Errorf("it read %v of %d", asked, ring.hold)
	}
	for _, c := range []struct {
		missing packet.Number
		lacks   bool
	}{{ring.hold/8 - 1, false}, {ring.hold / 8, true}} {
		ring.head.store(ring.hold - c.missing)
		if ring.lacks() != c.lacks {
			t.Errorf("with %d of %d missing, it must read: %v", c.missing, ring.hold, !c.lacks)
		}
	}
}

// TestSizeOfRings has streams that fill a step of the size, and one packet more.
func TestSizeOfRings(t *testing.T) {
	for packets, want := range map[packet.Number][2]packet.Number{
		0: {ringStep, spare}, 1: {ringStep, 1 + spare}, ringStep: {ringStep, ringStep}, ringStep + 1: {2 * ringStep, ringStep + 1 + spare},
	} {
		r := newRing(packets)
		if r.size != want[0] || r.hold != want[1] || len(r.buf) != int(r.size)*packet.Size {
			t.Errorf("a ring for %d packets has room for %d and holds %d, want %v", packets, r.size, r.hold, want)
		}
		for left, low := range map[packet.Number]bool{r.hold*3/8 - 1: true, r.hold * 3 / 8: false} {
			if r.head.store(left); r.low() != low {
				t.Errorf("with %d of %d left, the ring is low: %v", left, r.hold, r.low())
			}
		}
	}
}

// TestOnePacketMoreIsNoFasterStream keeps the ring where the span holds a packet more than
// at the epoch, and widens it where it holds two.
func TestOnePacketMoreIsNoFasterStream(t *testing.T) {
	r := newReader(fake{}, "", ahead, new(fault.Guard))
	ring := r.ring.Load()
	for more, want := range map[packet.Number]bool{0: true, 1: true, 2: false} {
		ring.want = r.stream.Before(ahead) - more
		r.ring.Store(ring)
		if kept := r.widen() == ring; kept != want {
			t.Errorf("with %d packets more, the ring is kept: %v", more, kept)
		}
	}
}

// TestReadersTakeTurns has a group's channels read one after another, each once while
// half of what is read ahead plays.
func TestReadersTakeTurns(t *testing.T) {
	for pacing, trains := range map[time.Duration]int{10 * ms: 16, 40 * ms: 4, 150 * ms: 2, time.Second: 1} {
		g := group{pacing: pacing}
		for range groupSize {
			c := &Channel{reader: newReader(fake{}, "", ahead, new(fault.Guard))}
			c.reader.readAhead()
			g.members = append(g.members, c)
		}
		reads := map[*reader]int{}
		for n := range 3 * trains {
			for _, c := range g.members {
				c.reader.asleep.Store(true)
			}
			all := g.claimReaders(nil, Instant(time.Duration(n)*pacing))
			if len(all) != groupSize/trains {
				t.Errorf("at %v, %d readers read after a train, want %d", pacing, len(all), groupSize/trains)
			}
			for _, r := range all {
				reads[r]++
			}
		}
		for i, c := range g.members {
			if reads[c.reader] != 3 {
				t.Errorf("at %v, reader %d reads %d times in three rounds", pacing, i, reads[c.reader])
			}
		}
	}
}

// TestQueuedAtTheInstant takes a reader that was queued at the instant that is asked for.
func TestQueuedAtTheInstant(t *testing.T) {
	var q readQueue
	q.add([]*reader{newReader(fake{}, "", ahead, new(fault.Guard))}, 7)
	if q.readOne(8, 6) || !q.readOne(8, 7) {
		t.Error("it is taken too early, or not at all")
	}
}

// counting is a clock that counts how often it is read and interrupted.
type counting struct {
	manual
	read, interrupted int
}

func (c *counting) Now() Instant { c.read++; return c.manual.Now() }
func (c *counting) Interrupt()   { c.interrupted++ }

// TestSecondSenderIsWoken interrupts the wait of the second sender when a channel enters
// the timetable, and not otherwise.
func TestSecondSenderIsWoken(t *testing.T) {
	r := newHarness(t)
	clock := new(counting)
	r.sched.second.clock = clock
	r.add(Config{Pacing: 10 * ms, Epoch: wallTime(r.clock.now.Add(time.Second))}, 7)
	r.step()
	if clock.interrupted != 0 {
		t.Errorf("it was woken %d times before a channel entered", clock.interrupted)
	}
	r.run(2 * time.Second)
	if clock.interrupted != 1 {
		t.Errorf("it was woken %d times for one channel", clock.interrupted)
	}
}

// TestSecondSenderComesLater claims a group only when the first sender has had its time.
func TestSecondSenderComesLater(t *testing.T) {
	var table timetable
	s := sender{timetable: &table, reads: new(readQueue), clock: new(manual), delay: secondDelay, finish: func(*Channel) {}}
	start := Instant(time.Hour)
	table.add(&Channel{pacing: 10 * ms, reader: newReader(fake{}, "", ahead, new(fault.Guard)), ring: newRing(1), stream: fake{}}, start)
	due := start.Add(10 * ms)
	if next := s.next(start); next != due.Add(secondDelay) {
		t.Errorf("it comes %v after the train, want %v", next.Sub(due), secondDelay)
	}
	if s.sendGroup(due.Add(secondDelay - 1)) {
		t.Error("it sends what is the first sender's")
	}
	if table.groups[0].members[0].stopped.Store(true); !s.sendGroup(due.Add(secondDelay)) {
		t.Error("it does not send what the first sender has left")
	}
}

// TestUrgentReadsComeFirst has a reader and a group wait for the second sender.
func TestUrgentReadsComeFirst(t *testing.T) {
	for waited, want := range map[time.Duration]string{urgentAfter - 1: "send read", urgentAfter: "read send"} {
		ctx, cancel := context.WithCancel(t.Context())
		var did []string
		done := func(what string) {
			if did = append(did, what); len(did) == 2 {
				cancel()
			}
		}
		r := newHarness(t)
		p, recs := r.add(Config{Pacing: 10 * ms}, 7)
		r.run(time.Second)
		r.clock.now = p.nextTrain.Add(secondDelay)
		recs[0].answer = func(n int) output.Result { done("send"); return output.Result{Sent: n} }
		q := newReader(telling{done: done}, "", ahead, new(fault.Guard))
		r.sched.reads.add([]*reader{q}, r.clock.now.Add(-waited))
		r.sched.second.clock = r.clock
		r.sched.runSecond(ctx)
		if got := strings.Join(did, " "); got != want {
			t.Errorf("a reader that has waited for %v: %q, want %q", waited, got, want)
		}
		cancel()
	}
}

// telling is a stream that tells of its first read.
type telling struct {
	fake
	done func(string)
}

func (s telling) Fill(dst []byte, n packet.Number) error {
	if n == 0 {
		s.done("read")
	}
	return s.fake.Fill(dst, n)
}

// TestClockIsReadNowAndThen counts how often the clock is read while a group is sent.
func TestClockIsReadNowAndThen(t *testing.T) {
	clock := new(counting)
	s := sender{timetable: new(timetable), reads: new(readQueue), clock: clock, finish: func(*Channel) {}}
	g := &group{pacing: 10 * ms}
	for range groupSize {
		c := &Channel{pacing: 10 * ms, reader: newReader(fake{}, "", ahead, new(fault.Guard)), ring: newRing(1), stream: fake{}}
		c.stopped.Store(true)
		g.members = append(g.members, c)
	}
	if s.sendTrains(g, 0, 0); clock.read != groupSize/clockEvery {
		t.Errorf("the clock was read %d times for %d channels", clock.read, groupSize)
	}
}

// TestFewChannels counts the channels of the timetable: sixteen are few.
func TestFewChannels(t *testing.T) {
	r := newHarness(t)
	var all []*Channel
	for range groupSize + 1 {
		p, _ := r.add(Config{Pacing: 10 * ms}, 7)
		all = append(all, p)
	}
	if r.run(time.Second); r.sched.timetable.few() {
		t.Error("17 channels are few")
	}
	all[3].Stop()
	if r.run(time.Second); !r.sched.timetable.few() {
		t.Error("16 channels are not few")
	}
}

// TestIdleQueue asks whether a queue is idle before, while and after a reader reads.
func TestIdleQueue(t *testing.T) {
	var q readQueue
	busy := 0
	s := telling{done: func(string) {
		if !q.idle() {
			busy++
		}
	}}
	if !q.idle() {
		t.Error("an empty queue is not idle")
	}
	q.add([]*reader{newReader(s, "", ahead, new(fault.Guard))}, 0)
	if q.idle() {
		t.Error("a queue with a reader is idle")
	}
	for q.readOne(0, never) {
	}
	if busy != 1 || !q.idle() {
		t.Errorf("the queue was busy %d times while a reader read, and is idle: %v", busy, q.idle())
	}
}

// TestFullRingReadsNothing reads where there is no room.
func TestFullRingReadsNothing(t *testing.T) {
	var asked []packet.Number
	r := newReader(chunks{asked: &asked}, "", ahead, new(fault.Guard))
	ring := r.ring.Load()
	ring.head.store(ring.hold)
	if err := r.read(); err != nil || len(asked) != 0 {
		t.Errorf("it read %v, %v", asked, err)
	}
}

// TestNextOfAClaimedGroup looks again a phase later at a group that another sender has.
func TestNextOfAClaimedGroup(t *testing.T) {
	var table timetable
	s := sender{timetable: &table, delay: secondDelay}
	start := Instant(time.Hour)
	table.add(&Channel{pacing: 10 * ms}, start)
	now := start.Add(25 * ms)
	g, _ := table.claim(now)
	g.next = start // It is due again.
	if next := s.next(now); next != now.Add(phase) {
		t.Errorf("it looks again after %v, want %v", next.Sub(now), phase)
	}
}

// TestClockTellsTheTime compares the clock with that of the wall. A busy machine may need
// several attempts.
func TestClockTellsTheTime(t *testing.T) {
	least := time.Hour
	for range 50 {
		c, err := NewClock()
		if err != nil {
			t.Fatal(err)
		}
		off := c.Now().Sub(At(time.Now()))
		least = min(least, max(off, -off))
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if least > ms {
		t.Errorf("it is off by %v", least)
	}
}
