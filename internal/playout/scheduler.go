// Package playout sends channels when they are due. One loop, the scheduler,
// does nothing but send; each channel has a producer that reads its stream
// ahead of time. It is the only part of LILO that knows the wall clock.
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
	waiting []*Playing // their epoch is still to come
	work    sync.WaitGroup
	reading sync.WaitGroup
	readers readers
	hungry  []*producer // kept for rouse

	mail  flag // the inbox holds something
	mu    sync.Mutex
	inbox []*Playing // to be begun, or to be ended when stopped
	ended bool
}

// New returns a scheduler that plays on the clock and logs what happens to
// outputs. Run closes the clock.
func New(clock Clock, log *slog.Logger) *Scheduler {
	s := &Scheduler{clock: clock, journal: newJournal(log)}
	s.readers.work = &s.reading
	return s
}

// Add adds a channel; it begins at once, or when Run does. Its first packets
// are read before Add returns: the scheduler then has something to send, and
// of many channels that are added in a row each reads when the one before has.
//
// The channel's outputs are closed when it has ended, also when the scheduler
// has, but not when Add fails. Faults are of kind Usage or the stream's.
func (s *Scheduler) Add(c Channel) (*Playing, error) {
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
func (s *Scheduler) post(p *Playing) bool {
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
// returns nil. It is called once.
func (s *Scheduler) Run(ctx context.Context) error {
	quit := make(chan struct{})
	logged := make(chan struct{})
	go func() { s.journal.run(quit); close(logged) }() //nolint:contextcheck // What it holds is written also when ctx is done.
	release := context.AfterFunc(ctx, s.clock.Interrupt)
	for ctx.Err() == nil {
		s.clock.Wait(s.step(s.clock.Now(), s.launch))
	}
	release()
	s.end()
	close(quit)
	<-logged
	return s.clock.Close()
}

// launch has the producer of a channel begin.
func (s *Scheduler) launch(p *Playing) { s.readers.add([]*producer{p.producer}, s.clock.Now()) }

// step does everything due at now and returns when to be called next. launch
// is called for each channel that begins.
func (s *Scheduler) step(now Instant, launch func(*Playing)) Instant {
	if s.mail.lower() {
		s.collect(now, launch)
	}
	s.admit(now)
	for _, b := range s.grid.buckets {
		if b.next <= now {
			s.depart(b, now)
		}
	}
	s.grid.tidy()
	return min(s.grid.next(), s.admission())
}

// collect begins the channels in the inbox and ends those that were stopped.
func (s *Scheduler) collect(now Instant, launch func(*Playing)) {
	s.mu.Lock()
	inbox := s.inbox
	s.inbox = nil
	s.mu.Unlock()
	for _, p := range inbox {
		switch {
		case p.stopped.Load():
			s.remove(p)
		default:
			p.begin(now)
			launch(p)
			s.waiting = append(s.waiting, p)
		}
	}
}

// admit moves channels to the grid whose first train is near.
func (s *Scheduler) admit(now Instant) {
	if len(s.waiting) == 0 {
		return
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(p *Playing) bool {
		soon := p.epoch.Add(-p.pacing) <= now
		if soon {
			s.grid.join(p, now)
		}
		return soon
	})
}

// admission returns when admit has something to do.
func (s *Scheduler) admission() Instant {
	next := never
	for _, p := range s.waiting {
		next = min(next, p.epoch.Add(-p.pacing))
	}
	return next
}

// clockEvery is how many trains leave on one reading of the clock, which is a
// system call: a train takes some microseconds, and lateness is told to a tenth
// of a millisecond.
const clockEvery = 8

// depart sends the trains of one bucket and then has the producers go on that
// have room: first what is due, then what may wait.
func (s *Scheduler) depart(b *bucket, now Instant) {
	t := b.after(now).Add(-b.pacing)
	ended := false
	for i, p := range b.members {
		if i%clockEvery == clockEvery-1 {
			now = s.clock.Now()
		}
		if p.train(t, now) {
			b.members[i], ended = nil, true
			s.finish(p)
		}
	}
	b.next = t.Add(b.pacing)
	if ended {
		b.members = slices.DeleteFunc(b.members, func(p *Playing) bool { return p == nil })
	}
	s.rouse(b, now)
}

// rouse has somebody work for the producers of a bucket that are hungry.
func (s *Scheduler) rouse(b *bucket, now Instant) {
	if s.hungry = b.hungry(s.hungry[:0]); len(s.hungry) > 0 {
		s.readers.add(s.hungry, now)
		clear(s.hungry)
	}
}

// remove takes a channel out of where it is.
func (s *Scheduler) remove(p *Playing) {
	is := func(q *Playing) bool { return p == q }
	s.waiting = slices.DeleteFunc(s.waiting, is)
	for _, b := range s.grid.buckets {
		b.members = slices.DeleteFunc(b.members, is)
	}
	s.finish(p)
}

// finish has a channel release what it holds, once.
func (s *Scheduler) finish(p *Playing) {
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
	for _, b := range s.grid.buckets {
		left = append(left, b.members...)
	}
	for _, p := range left {
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
