// Package playout sends channels when they are due. A scheduler has two hands:
// one does nothing but send; the other relieves it when it is held up, and
// works for the channels' producers, which read their streams ahead of time. It
// is the only part of LILO that knows the wall clock.
package playout

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// errEnded is why a channel cannot be added any more.
var errEnded = errors.New("playout has ended")

// grace is how long Run waits in the end for streams that hang in a read.
const grace = time.Second

// Scheduler plays channels.
type Scheduler struct {
	clock   Clock
	journal *journal
	grid    grid
	first   hand
	second  hand
	waiting []*Channel // their epoch is still to come
	work    sync.WaitGroup
	reading sync.WaitGroup // who may hang in a read
	readers readers

	mail  flag // the inbox holds something
	mu    sync.Mutex
	inbox []*Channel // to be begun, or to be ended when stopped
	ended bool
}

// New returns a scheduler that plays on the clock and logs what happens to
// outputs. Run closes the clock.
func New(clock Clock, log *slog.Logger) *Scheduler {
	s := &Scheduler{clock: clock, journal: newJournal(log)}
	s.readers.joined = &s.reading
	s.first = hand{grid: &s.grid, readers: &s.readers, clock: clock, finish: s.finish}
	s.second = s.first
	s.second.after = relief
	return s
}

// Add adds a channel; it begins at once, or when Run does. Its first packets
// are read before Add returns: the scheduler then has something to send, and
// of many channels that are added in a row each reads when the one before has.
//
// The channel's outputs are closed when it has ended, also when the scheduler
// has, but not when Add fails. Faults are of kind Usage or the stream's.
func (s *Scheduler) Add(c Config) (*Channel, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	p := newPlaying(c, s)
	if err := p.read(s.clock.Now()); err != nil {
		return nil, err
	}
	if !s.post(p) {
		return nil, errEnded
	}
	return p, nil
}

// post puts a channel into the inbox and has the loop look.
func (s *Scheduler) post(p *Channel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.inbox = append(s.inbox, p)
	s.mail.raise()
	s.clock.Interrupt()
	return true
}

// Run plays until ctx is done, then ends all channels within a train and
// returns nil; an error is that of the clock. It is called once.
func (s *Scheduler) Run(ctx context.Context) error {
	twin, err := s.clock.Clone()
	if err != nil {
		s.end()
		return errors.Join(err, s.clock.Close())
	}
	s.second.clock = twin
	quit := make(chan struct{})
	logged := make(chan struct{})
	go func() { s.journal.run(quit); close(logged) }() //nolint:contextcheck // What it holds is written also when ctx is done.
	s.play(ctx)
	s.end()
	close(quit)
	<-logged
	return errors.Join(twin.Close(), s.clock.Close())
}

// play has both hands work until ctx is done.
func (s *Scheduler) play(ctx context.Context) {
	release := context.AfterFunc(ctx, func() { s.first.clock.Interrupt(); s.second.clock.Interrupt() })
	defer release()
	s.reading.Go(func() { s.second.relieve(ctx) })
	for ctx.Err() == nil {
		s.clock.Wait(s.step(s.clock.Now(), s.launch))
	}
}

// launch has the producer of a channel begin.
func (s *Scheduler) launch(p *Channel) { s.readers.add([]*producer{p.producer}, s.clock.Now()) }

// step does everything due at now and returns when to be called next. launch
// is called for each channel that begins.
func (s *Scheduler) step(now Instant, launch func(*Channel)) Instant {
	if s.mail.lower() {
		s.collect(now, launch)
	}
	s.admit(now)
	return min(s.first.step(now), s.admission())
}

// collect begins the channels in the inbox and ends those that were stopped.
func (s *Scheduler) collect(now Instant, launch func(*Channel)) {
	s.mu.Lock()
	inbox := s.inbox
	s.inbox = nil
	s.mu.Unlock()
	for _, p := range inbox {
		switch {
		case p.stopped.Load():
			s.withdraw(p)
		default:
			p.begin(now)
			launch(p)
			s.waiting = append(s.waiting, p)
		}
	}
}

// withdraw ends a channel that was stopped, unless its next train does.
func (s *Scheduler) withdraw(p *Channel) {
	if p.joined {
		return
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(q *Channel) bool { return p == q })
	s.finish(p)
}

// admit moves channels to the grid whose first train is near.
func (s *Scheduler) admit(now Instant) {
	if len(s.waiting) == 0 {
		return
	}
	before := len(s.waiting)
	s.waiting = slices.DeleteFunc(s.waiting, func(p *Channel) bool {
		soon := p.epoch.Add(-p.pacing) <= now
		if soon {
			p.joined = true
			s.grid.join(p, now)
		}
		return soon
	})
	if len(s.waiting) < before {
		s.second.clock.Interrupt() // It may be waiting for a train later than theirs.
	}
}

// admission returns when admit has something to do.
func (s *Scheduler) admission() Instant {
	next := never
	for _, p := range s.waiting {
		next = min(next, p.epoch.Add(-p.pacing))
	}
	return next
}

// finish has a channel release what it holds, once.
func (s *Scheduler) finish(p *Channel) {
	if p.finished {
		return
	}
	p.finished = true
	close(p.quit)
	s.work.Go(p.finish)
}

// end ends all channels and waits for what they started. A stream that hangs
// in a read is left behind after a while.
func (s *Scheduler) end() {
	s.mu.Lock()
	s.ended = true
	left := slices.Concat(s.inbox, s.waiting)
	s.mu.Unlock()
	for _, p := range append(left, s.grid.end()...) {
		s.finish(p)
	}
	s.work.Wait()
	read := make(chan struct{})
	go func() { s.reading.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(grace):
	}
}
