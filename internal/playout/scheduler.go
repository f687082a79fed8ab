package playout

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// errEnded is the error of Add after Run has returned.
var errEnded = errors.New("playout has ended")

// readTimeout is how long Run waits at its end for streams that hang in a read.
const readTimeout = time.Second

// Scheduler plays channels.
type Scheduler struct {
	clock     Clock
	log       *asyncLog
	guard     fault.Guard
	timetable timetable
	first     sender
	second    sender
	finishing sync.WaitGroup
	reading   sync.WaitGroup // goroutines that may hang in a read, the senders too
	reads     readQueue

	mu      sync.Mutex // held for moments only
	inbox   []*Channel // to be started, or to be ended if stopped
	waiting []*Channel // until their epoch
	ended   bool
}

// New returns a scheduler on a clock, which Run closes. It logs the trouble of outputs.
func New(clock Clock, log *slog.Logger) *Scheduler {
	s := &Scheduler{clock: clock, log: newAsyncLog(log), guard: fault.Guard{Log: log}}
	s.reads.clock, s.reads.goroutines = clock, &s.reading
	s.first = sender{timetable: &s.timetable, reads: &s.reads, clock: clock, finish: s.finish}
	s.second = s.first
	s.second.delay = secondDelay
	return s
}

// Add adds a channel, which starts at once or with Run. It first reads ahead, so that
// the scheduler has something to send and channels added one after another do not read
// at the same time.
//
// The outputs are closed when the channel or the scheduler ends, but not if Add fails.
// Errors are of kind Usage or the stream's.
func (s *Scheduler) Add(config Config) (*Channel, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	c := newChannel(config, s)
	if err := c.readFirst(s.clock.Now()); err != nil {
		return nil, err
	}
	if !s.post(c) {
		return nil, errEnded
	}
	return c, nil
}

// post puts a channel into the inbox and wakes the first sender. It returns false if the
// scheduler has ended.
func (s *Scheduler) post(c *Channel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.inbox = append(s.inbox, c)
	s.clock.Interrupt()
	return true
}

// Run plays until ctx is done, then ends all channels within a train. An error is that
// of the clock. Call it once.
func (s *Scheduler) Run(ctx context.Context) error {
	clone, err := s.clock.Clone()
	if err != nil {
		s.end()
		return errors.Join(err, s.clock.Close())
	}
	s.second.clock = clone
	var logging sync.WaitGroup
	logging.Go(s.log.run)
	s.play(ctx)
	s.end()
	close(s.log.queue) // No group can be claimed any more, so nothing is sent and logged.
	logging.Wait()
	return errors.Join(clone.Close(), s.clock.Close())
}

// play runs both senders until ctx is done.
func (s *Scheduler) play(ctx context.Context) {
	s.reading.Go(func() { s.runFirst(ctx) })
	s.reading.Go(func() { s.runSecond(ctx) })
	<-ctx.Done()
	s.first.clock.Interrupt()
	s.second.clock.Interrupt()
}

// runFirst sends, and reads in between where few channels play.
func (s *Scheduler) runFirst(ctx context.Context) {
	for ctx.Err() == nil {
		next := s.step(s.clock.Now())
		s.readUntil(next)
		s.clock.Wait(min(next, s.reads.watch(s.timetable.few())))
	}
}

// step does everything due at now and returns when to call it next.
func (s *Scheduler) step(now Instant) Instant {
	next := s.admit(now)
	return min(next, s.first.sendDue(now))
}

// readUntil reads ahead until the next train, if few channels play: in the wake-up of a
// train, reading costs less than waking the second sender for it. That one stands in if
// a read takes longer, because a disk hangs.
func (s *Scheduler) readUntil(next Instant) {
	if !s.timetable.few() || s.reads.idle() {
		return
	}
	s.second.clock.Alarm(min(next, never-Instant(secondDelay)).Add(secondDelay))
	for now := s.clock.Now(); now < next && s.reads.readOne(now, never); {
		now = s.clock.Now()
	}
	if s.reads.idle() {
		s.second.clock.Alarm(never)
	}
}

// runSecond sends what the first sender is late for, and reads. It reads on its own
// goroutine: if another one read while the first sender sends, a machine with two
// processors would notice this sender's timer late.
func (s *Scheduler) runSecond(ctx context.Context) {
	for ctx.Err() == nil {
		now := s.clock.Now()
		switch {
		case s.reads.readOne(now, now.Add(-urgentAfter)):
		case s.second.sendGroup(now):
		case s.reads.readOne(now, now):
		case s.timetable.few() && s.reads.idle():
			s.second.clock.Wait(never) // The first sender sets an alarm, or interrupts.
		default:
			s.admit(now) // The first sender may hang in a read.
			s.second.clock.Wait(min(s.second.next(now), s.reads.watch(s.timetable.few())))
		}
	}
}

// admit starts the channels in the inbox, ends those that were stopped and moves
// channels whose first train is near to the timetable. It returns when to call it next.
func (s *Scheduler) admit(now Instant) (next Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return never
	}
	for _, c := range s.inbox {
		switch {
		case !c.stopped.Load():
			c.start(now)
			s.waiting = append(s.waiting, c)
		case !c.scheduled: // Otherwise its next train ends it.
			s.waiting = slices.DeleteFunc(s.waiting, func(other *Channel) bool { return other == c })
			s.finish(c)
		}
	}
	s.inbox = nil
	s.schedule(now)
	next = never
	for _, c := range s.waiting {
		next = min(next, c.scheduleAt())
	}
	return next
}

// schedule moves channels whose first train is near to the timetable. The caller holds mu.
func (s *Scheduler) schedule(now Instant) {
	if len(s.waiting) == 0 {
		return
	}
	before := len(s.waiting)
	s.waiting = slices.DeleteFunc(s.waiting, func(c *Channel) bool {
		if c.scheduleAt() <= now {
			c.scheduled = true
			s.timetable.add(c, now)
		}
		return c.scheduled
	})
	if len(s.waiting) < before {
		s.second.clock.Interrupt() // It may be waiting for a later train than theirs.
	}
}

// finish finishes a channel, once.
func (s *Scheduler) finish(c *Channel) {
	if !c.reader.ended.Swap(true) {
		s.finishing.Go(c.finish)
	}
}

// end ends all channels and waits for all goroutines, but only readTimeout for those
// that read.
func (s *Scheduler) end() {
	s.mu.Lock()
	s.ended = true
	left := slices.Concat(s.inbox, s.waiting)
	s.mu.Unlock()
	for _, c := range append(left, s.timetable.end()...) {
		s.finish(c)
	}
	s.finishing.Wait()
	read := make(chan struct{})
	go func() { s.reading.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(readTimeout):
	}
}
