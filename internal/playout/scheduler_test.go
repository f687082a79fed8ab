package playout

import (
	"errors"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

const ms = time.Millisecond

// check expects the datagrams to be consecutive from number first on, to hold
// the packets that their number says, none before it is due, and none more
// than late after that.
func check(t *testing.T, p *Channel, rec *recorder, first int64, late time.Duration) {
	t.Helper()
	if len(rec.got) == 0 {
		t.Fatal("nothing was sent")
	}
	for i, d := range rec.got {
		if d.number != first+int64(i) || d.first != d.number*int64(rec.packets) {
			t.Fatalf("datagram at place %d is number %d and begins with packet %d, want number %d", i, d.number, d.first, first+int64(i))
		}
		due := p.epoch.Add(p.stream.Due(packet.Number(d.first)))
		if over := d.at.Sub(due); over < 0 || over > late {
			t.Fatalf("datagram %d left %v after it was due, want 0 to %v", d.number, over, late)
		}
	}
}

func TestTrainsHoldWhatIsDueSinceTheLast(t *testing.T) {
	for _, pacing := range []time.Duration{ms, 8 * ms, 10 * ms, 40 * ms, time.Second} {
		t.Run(pacing.String(), func(t *testing.T) {
			r := newHarness(t)
			p, recs := r.add(Config{Pacing: pacing}, 7)
			r.run(10 * time.Second)
			check(t, p, recs[0], 0, pacing)
			if got, want := len(r.wakes), int(10*time.Second/pacing); got < want || got > want+1 {
				t.Errorf("%d wake-ups in 10 s, want %d: one a train", got, want)
			}
			if want := int64(10*perSecond) / 7; p.Snapshot().Datagrams < want-8*int64(pacing/ms) {
				t.Errorf("%d datagrams in 10 s, want about %d", p.Snapshot().Datagrams, want)
			}
		})
	}
}

func TestOutputsOfUnequalDatagrams(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 1, 2, 3, 4, 5, 6, 7)
	r.run(5 * time.Second)
	for _, rec := range recs {
		check(t, p, rec, 0, 8*ms)
	}
	if s := p.Snapshot(); s.Starved != 0 || s.Outputs[6].Skipped != 0 {
		t.Errorf("starved %d, skipped %d", s.Starved, s.Outputs[6].Skipped)
	}
}

// I1: a channel that begins later, with another pacing, sends the same
// datagrams from there on.
func TestJoinsWhereTheStreamIs(t *testing.T) {
	r := newHarness(t)
	epoch := wallTime(r.clock.now.Add(-10 * 365 * 24 * time.Hour))
	p, recs := r.add(Config{Epoch: epoch, Pacing: 8 * ms}, 7)
	r.run(time.Second)
	q, late := r.add(Config{Epoch: epoch, Pacing: 10 * ms}, 7)
	r.run(time.Second)
	check(t, p, recs[0], recs[0].got[0].number, 8*ms)
	check(t, q, late[0], late[0].got[0].number, 10*ms)
	if now := r.clock.now.Add(-time.Second); late[0].got[0].at.Sub(now) > 20*ms {
		t.Errorf("the second channel began %v after it was added", late[0].got[0].at.Sub(now))
	}
}

func TestEpochToCome(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Epoch: wallTime(r.clock.now.Add(time.Hour)), Pacing: 8 * ms}, 7)
	r.run(time.Hour)
	if len(recs[0].got) > 0 || len(r.wakes) > 3 {
		t.Fatalf("%d datagrams and %d wake-ups before the epoch", len(recs[0].got), len(r.wakes))
	}
	r.run(time.Second)
	check(t, p, recs[0], 0, 8*ms)
}

func TestPlaysForAWhile(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms, For: time.Second}, 7)
	r.run(2 * time.Second)
	check(t, p, recs[0], 0, 8*ms)
	if got, want := len(recs[0].got), perSecond/7; got != want {
		t.Errorf("%d datagrams in 1 s, want %d", got, want)
	}
	if err := p.Err(); err != nil || recs[0].closed != 1 {
		t.Errorf("Err = %v, output closed %d times", err, recs[0].closed)
	}
	if len(r.sched.timetable.groups) != 0 {
		t.Error("the timetable still holds the channel")
	}
}

// TestPlaysWithoutOutputs has a channel end in time that is sent nowhere.
func TestPlaysWithoutOutputs(t *testing.T) {
	r := newHarness(t)
	p, _ := r.add(Config{Pacing: 8 * ms, For: time.Second})
	r.run(2 * time.Second)
	s := p.Snapshot()
	if p.Err() != nil || s.Packets != 0 || s.Starved != 0 {
		t.Errorf("got %+v, %v", s, p.Err())
	}
	select {
	case <-p.Done():
	default:
		t.Error("it has not ended")
	}
}

func TestCatchesUpSmallStalls(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7)
	r.run(time.Second)
	r.stall(45 * ms)
	r.run(time.Second)
	check(t, p, recs[0], 0, 55*ms)
	if s := p.Snapshot(); s.Outputs[0].Skipped != 0 || s.Late.Max < 37*ms || s.Late.Max > 45*ms {
		t.Errorf("skipped %d, max lateness %v, want 0 and about 40ms", s.Outputs[0].Skipped, s.Late.Max)
	}
}

// I8: after a suspend the past is not sent.
// Within the tolerance everything is sent, late, even what the delay kept from being read.
func TestSendsLateWithinTheTolerance(t *testing.T) {
	for _, tolerance := range []time.Duration{0, time.Second} {
		r := newHarness(t)
		p, recs := r.add(Config{Pacing: 8 * ms, Tolerance: tolerance}, 7, 3)
		r.run(time.Second)
		stall := p.tolerance - 30*ms
		r.hold = true
		r.stall(stall)
		r.run(16 * ms)
		r.hold = false
		r.run(time.Second)
		for _, rec := range recs {
			check(t, p, rec, 0, p.tolerance)
		}
		s := p.Snapshot()
		if s.Starved != 0 || s.Outputs[0].Skipped != 0 {
			t.Errorf("a stall of %v starved %d packets and skipped %d datagrams", stall, s.Starved, s.Outputs[0].Skipped)
		}
		if least := stall - p.pacing; s.Late.Max < least {
			t.Errorf("late by %v at most, want %v", s.Late.Max, least)
		}
	}
}

func TestSkipsLongStalls(t *testing.T) {
	for _, stall := range []time.Duration{channel.DefaultTolerance + 20*ms, time.Second, 24 * time.Hour} {
		t.Run(stall.String(), func(t *testing.T) {
			r := newHarness(t)
			p, recs := r.add(Config{Pacing: 8 * ms}, 7)
			r.run(time.Second)
			before := len(recs[0].got)
			r.stall(stall)
			r.run(time.Second)
			after := recs[0].got[before:]
			s := p.Snapshot()
			gap := after[0].number - recs[0].got[before-1].number - 1
			if gap == 0 || s.Outputs[0].Skipped != gap {
				t.Errorf("%d datagrams are missing and %d counted as skipped", gap, s.Outputs[0].Skipped)
			}
			recs[0].got = after
			check(t, p, recs[0], after[0].number, 16*ms)
			if stall < ahead && s.Starved != 0 {
				t.Errorf("starved %d packets though the ring held them", s.Starved)
			}
		})
	}
}

func TestStarvedStreamIdlesAndRejoins(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7, 3)
	r.run(time.Second)
	r.hold = true
	r.run(2 * time.Second)
	r.hold = false
	r.run(time.Second)
	for _, rec := range recs {
		check(t, p, rec, 0, 8*ms)
		idle := slices.IndexFunc(rec.got, func(d datagram) bool { return d.idle })
		last := len(rec.got) - 1
		if idle < 0 || rec.got[last].idle {
			t.Errorf("first idle datagram at place %d, the last one is idle: %v", idle, rec.got[last].idle)
		}
	}
	// The ring was half full or more; a datagram reaches up to 6 packets beyond the last train.
	least, most := 2*perSecond-p.ring.hold, 2*perSecond-p.ring.hold/2+6
	if starved := packet.Number(p.Snapshot().Starved); starved < least || starved > most {
		t.Errorf("starved %d packets in 2 s without a source, want %d to %d", starved, least, most)
	}
}

func TestSlowStartWaits(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7)
	r.stall(10 * time.Second)
	r.hold = true
	r.run(time.Second)
	if len(recs[0].got) != 0 {
		t.Fatal("a channel that has not read what is due sends")
	}
	r.hold = false
	r.run(time.Second)
	check(t, p, recs[0], recs[0].got[0].number, channel.DefaultTolerance+16*ms)
	if s := p.Snapshot(); s.Starved != 0 {
		t.Errorf("starved %d packets before it began", s.Starved)
	}
}

func TestSendsPacketZeroWhenRunBeginsSoon(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7)
	r.stall(20 * ms)
	r.run(time.Second)
	check(t, p, recs[0], 0, 28*ms)
}

func TestStreamFails(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms, Stream: fake{failAt: 2 * perSecond}}, 7)
	r.run(3 * time.Second)
	if err := p.Err(); !errors.Is(err, errSource) || recs[0].closed != 1 {
		t.Errorf("Err = %v, output closed %d times", err, recs[0].closed)
	}
	if slices.ContainsFunc(recs[0].got, func(d datagram) bool { return d.idle }) {
		t.Error("idle packets were sent for a source that is gone")
	}
	if n := len(recs[0].got); n < perSecond/7 {
		t.Errorf("%d datagrams were sent, want what had been read", n)
	}
}

func TestStreamFailsAtOnce(t *testing.T) {
	r := newHarness(t)
	rec := &recorder{packets: 7}
	_, err := r.sched.Add(Config{Pacing: ms, Stream: fake{failAt: 1}, Outputs: outputs(rec)})
	if !errors.Is(err, errSource) || rec.closed != 0 {
		t.Errorf("Add = %v, output closed %d times, want %v and an open output", err, rec.closed, errSource)
	}
}

func TestStopLeavesOthersAlone(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Name: "stays", Pacing: 8 * ms}, 7)
	q, others := r.add(Config{Name: "goes", Pacing: 8 * ms}, 7)
	r.run(time.Second)
	q.Stop()
	q.Stop()
	sent := len(others[0].got)
	r.run(time.Second)
	check(t, p, recs[0], 0, 8*ms)
	if err := q.Err(); err != nil || len(others[0].got) != sent || others[0].closed != 1 {
		t.Errorf("Err = %v, %d datagrams after Stop, closed %d times", err, len(others[0].got)-sent, others[0].closed)
	}
}

func TestStopLeavesOthersToCome(t *testing.T) {
	r := newHarness(t)
	epoch := wallTime(r.clock.now.Add(time.Minute))
	p, recs := r.add(Config{Epoch: epoch, Pacing: 8 * ms}, 7)
	q, _ := r.add(Config{Epoch: epoch, Pacing: 8 * ms}, 7)
	r.run(time.Second)
	q.Stop()
	r.run(2 * time.Minute)
	if err := q.Err(); err != nil {
		t.Error(err)
	}
	check(t, p, recs[0], 0, 8*ms)
}

func TestStopBeforeItBegins(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms}, 7)
	p.Stop()
	r.run(time.Second)
	if err := p.Err(); err != nil || len(recs[0].got) != 0 || recs[0].closed != 1 {
		t.Errorf("Err = %v, %d datagrams, closed %d times", err, len(recs[0].got), recs[0].closed)
	}
}

func TestTroubleIsToldOnce(t *testing.T) {
	r := newHarness(t)
	_, recs := r.add(Config{Pacing: 8 * ms}, 7)
	recs[0].answer = func(n int) output.Result {
		switch at := recs[0].got[0].at; {
		case r.clock.now.Sub(at) < time.Second, r.clock.now.Sub(at) > 25*time.Second && r.clock.now.Sub(at) < 26*time.Second:
			return output.Result{Sent: n, Refused: 1} // Hosts do not report each datagram.
		case r.clock.now.Sub(at) < 60*time.Second:
			return output.Result{Sent: n}
		case r.clock.now.Sub(at) < 61*time.Second:
			return output.Result{Dropped: n, Err: syscall.ENETUNREACH}
		}
		return output.Result{Sent: n}
	}
	r.run(65 * time.Second)
	close(r.sched.log.queue)
	r.sched.log.run()
	want := []string{
		"test://recorder refuses datagrams: nobody listens there; still sending",
		"test://recorder accepts datagrams again: somebody listens there",
		"test://recorder cannot be sent to: network is unreachable; still trying",
		"test://recorder accepts datagrams again",
	}
	if !slices.Equal(r.logged.all, want) {
		t.Errorf("logged %q, want %q", r.logged.all, want)
	}
}

func TestTrainAllocatesNothing(t *testing.T) {
	r := newHarness(t)
	_, recs := r.add(Config{Pacing: 8 * ms}, 7, 7)
	r.run(time.Second)
	for _, rec := range recs {
		rec.got = make([]datagram, 0, 100_000)
	}
	n := testing.AllocsPerRun(500, func() { r.clock.now = r.step() })
	if n > 0 {
		t.Errorf("%v allocations a train, want 0", n)
	}
}

func TestAddFaults(t *testing.T) {
	rec := &recorder{packets: 7}
	for name, c := range map[string]Config{
		"no stream":            {Pacing: ms, Outputs: []output.Output{rec}},
		"no pacing":            {Stream: fake{}, Outputs: []output.Output{rec}},
		"pacing above 1 s":     {Pacing: 2 * time.Second, Stream: fake{}, Outputs: []output.Output{rec}},
		"a time below 0":       {Pacing: ms, For: -1, Stream: fake{}, Outputs: []output.Output{rec}},
		"8 packets a datagram": {Pacing: ms, Stream: fake{}, Outputs: []output.Output{&recorder{packets: 8}}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := newHarness(t).sched.Add(c); err == nil {
				t.Error("Add succeeded")
			}
		})
	}
}
