package playout

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// play runs a scheduler in a bubble of fake time, readers included.
func play(t *testing.T, test func(s *Scheduler, cancel func())) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := New(newTimerClock(time.Now()), slog.New(slog.DiscardHandler))
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		test(s, cancel)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	}) // It fails when a goroutine is left.
}

func addTo(t *testing.T, s *Scheduler, c Config) (*Channel, *recorder) {
	t.Helper()
	rec := &recorder{clock: s.clock, packets: 7}
	c.Outputs = append(c.Outputs, rec)
	p, err := s.Add(c)
	if err != nil {
		t.Fatal(err)
	}
	return p, rec
}

func TestRun(t *testing.T) {
	play(t, func(s *Scheduler, cancel func()) {
		p, rec := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 8 * ms})
		time.Sleep(time.Hour)
		q, others := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 40 * ms, For: time.Minute})
		if err := q.Err(); err != nil {
			t.Error(err)
		}
		before := time.Now()
		cancel()
		if err := p.Err(); err != nil {
			t.Error(err)
		}
		if took := time.Since(before); took > 8*ms {
			t.Errorf("it took %v to end, want a train at most", took)
		}
		check(t, p, rec, 0, 8*ms)
		check(t, q, others, 0, 40*ms)
		if s := p.Snapshot(); s.Starved != 0 || s.Late.Max > ms || s.Lap != 6*61 {
			t.Errorf("after 61 minutes: %+v", s)
		}
	})
}

// panicky is a stream whose Fill panics from a packet on.
type panicky struct {
	fake
	at packet.Number
}

func (p panicky) Fill(dst []byte, n packet.Number) error {
	if n >= p.at {
		panic("a test")
	}
	return p.fake.Fill(dst, n)
}

// A stream that panics ends its own channel, and no other notices.
func TestStreamPanics(t *testing.T) {
	play(t, func(s *Scheduler, _ func()) {
		p, rec := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 8 * ms, For: time.Minute})
		bad, sent := addTo(t, s, Config{Name: "bad", Stream: panicky{at: 10_000}, Epoch: time.Now(), Pacing: 8 * ms})
		if err := bad.Err(); fault.KindOf(err) != fault.Internal || !strings.HasPrefix(err.Error(), "reading channel bad failed through a bug in LILO (a test)") {
			t.Error(err)
		}
		if len(sent.got) == 0 {
			t.Error("what it had read was not sent")
		}
		if _, err := s.Add(Config{Name: "worse", Stream: panicky{}, Epoch: time.Now(), Pacing: 8 * ms, Outputs: []output.Output{&recorder{clock: s.clock, packets: 7}}}); fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("added: %v", err)
		}
		if err := p.Err(); err != nil {
			t.Error(err)
		}
		check(t, p, rec, 0, 8*ms)
		if s := p.Snapshot(); s.Starved != 0 || s.Late.Max > ms {
			t.Errorf("the other channel: %+v", s)
		}
	})
}

func TestRunNothing(t *testing.T) {
	play(t, func(s *Scheduler, cancel func()) {
		time.Sleep(time.Hour)
		cancel()
	})
}

func TestAddAfterTheEnd(t *testing.T) {
	s := New(newTimerClock(time.Now()), slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, _ := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 8 * ms})
	if err := errors.Join(s.Run(ctx), p.Err()); err != nil {
		t.Error(err)
	}
	rec := &recorder{packets: 7}
	if _, err := s.Add(Config{Stream: fake{}, Pacing: ms, Outputs: outputs(rec)}); !errors.Is(err, errEnded) {
		t.Errorf("Add = %v, want %v", err, errEnded)
	}
}

// hung is a stream whose source stops answering after a second.
type hung struct {
	fake
	let chan struct{}
}

func (h hung) Fill(dst []byte, n packet.Number) error {
	if n > perSecond {
		<-h.let
	}
	return h.fake.Fill(dst, n)
}

func TestRunEndsThoughASourceHangs(t *testing.T) {
	play(t, func(s *Scheduler, cancel func()) {
		let := make(chan struct{})
		defer close(let)
		p, rec := addTo(t, s, Config{Stream: hung{let: let}, Epoch: time.Now(), Pacing: 8 * ms})
		time.Sleep(10 * time.Second)
		cancel()
		if err := p.Err(); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * readTimeout)
		check(t, p, rec, 0, 8*ms+secondDelay) // The second sender sends, since the first hangs.
		if p.Snapshot().Starved == 0 {
			t.Error("the hang was not counted")
		}
	})
}

// Where few channels play, the sender that reads may hang; the others play on, and
// further ones begin.
func TestOthersPlayThoughASourceHangs(t *testing.T) {
	play(t, func(s *Scheduler, _ func()) {
		let := make(chan struct{})
		defer close(let)
		addTo(t, s, Config{Stream: hung{let: let}, Epoch: time.Now(), Pacing: 8 * ms})
		p, before := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 8 * ms})
		time.Sleep(10 * time.Second)
		q, after := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 8 * ms})
		time.Sleep(10 * time.Second)
		p.Stop()
		q.Stop()
		if err := errors.Join(p.Err(), q.Err()); err != nil {
			t.Error(err)
		}
		check(t, p, before, 0, 8*ms+secondDelay)
		check(t, q, after, 0, 8*ms+secondDelay)
		if n := len(after.got) * 7; n < 9*perSecond {
			t.Errorf("the channel that was added meanwhile has sent %d packets in 10 s", n)
		}
	})
}

// When one sender is held up, the other sends: only channels of the same group
// are late.
func TestSecondSender(t *testing.T) {
	play(t, func(s *Scheduler, cancel func()) {
		var all []*Channel
		for i := range 4 * phaseSize {
			p, rec := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: 10 * ms})
			if all = append(all, p); i == 0 {
				rec.answer = func(n int) output.Result {
					if rec.trains == 100 || rec.trains == 200 {
						time.Sleep(30 * ms)
					}
					return output.Result{Sent: n}
				}
			}
		}
		time.Sleep(5 * time.Second)
		late := 0
		for i, p := range all {
			if s := p.Snapshot(); s.Late.Max > ms {
				late++
			} else if s.Outputs[0].Skipped > 0 || s.Datagrams < 2300 {
				t.Errorf("channel %d: %+v", i, s)
			}
		}
		if late == 0 || late > groupSize {
			t.Errorf("%d channels were more than 1 ms late, want those of the group held up, at most %d", late, groupSize)
		}
	})
}
