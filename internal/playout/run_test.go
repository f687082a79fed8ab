package playout

import (
	"context"
	"errors"
	"fmt"
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

// hung is a stream whose source stops answering after five seconds.
type hung struct {
	fake
	let chan struct{}
}

func (h hung) Fill(dst []byte, n packet.Number) error {
	if n > 5*perSecond {
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

// Sources may hang, also many at once: all channels leave on time, theirs with null
// packets, and the others lose nothing. Further channels begin.
func TestOthersPlayThoughSourcesHang(t *testing.T) {
	for _, c := range []struct {
		good, hung int
		pacing     time.Duration
	}{{1, 1, 8 * ms}, {3, 5, 8 * ms}, {3, 9, 100 * ms}, {2, 4, time.Second}, {40, 20, 8 * ms}, {40, 20, 100 * ms}, {10, 40, time.Second}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			play(t, func(s *Scheduler, _ func()) {
				let := make(chan struct{})
				defer close(let)
				channels, recs := map[*Channel]*recorder{}, map[*Channel]*recorder{}
				for range c.hung {
					p, rec := addTo(t, s, Config{Stream: hung{let: let}, Epoch: time.Now(), Pacing: c.pacing})
					channels[p] = rec
				}
				add := func() {
					p, rec := addTo(t, s, Config{Stream: fake{}, Epoch: time.Now(), Pacing: c.pacing})
					channels[p], recs[p] = rec, rec
				}
				for range c.good {
					add()
				}
				time.Sleep(10 * time.Second)
				add()
				time.Sleep(10 * time.Second)
				for p, rec := range channels {
					check(t, p, rec, 0, c.pacing+secondDelay)
					switch s := p.Snapshot(); {
					case recs[p] != nil && s.Starved > 0:
						t.Errorf("%d packets of a channel whose source does not hang were read too late", s.Starved)
					case len(rec.got)*7 < 8*perSecond:
						t.Errorf("%d packets were sent", len(rec.got)*7)
					}
				}
			})
		})
	}
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
