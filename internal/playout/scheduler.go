package playout

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
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
	waiting   []*Channel // until their epoch
	finishing sync.WaitGroup
	reading   sync.WaitGroup // goroutines that may hang in a read
	reads     readQueue

	posted atomic.Bool // the inbox is not empty
	mu     sync.Mutex
	inbox  []*Channel // to be started, or to be ended if stopped
	ended  bool
}

// New returns a scheduler on a clock, which Run closes. It logs the trouble of outputs.
func New(clock Clock, log *slog.Logger) *Scheduler {
	s := &Scheduler{clock: clock, log: newAsyncLog(log), guard: fault.Guard{Log: log}}
	s.reads.goroutines = &s.reading
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
	s.posted.Store(true)
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
	release := context.AfterFunc(ctx, func() { s.first.clock.Interrupt(); s.second.clock.Interrupt() })
	defer release()
	s.reading.Go(func() { s.second.sendAndRead(ctx) })
	for ctx.Err() == nil {
		s.clock.Wait(s.step(s.clock.Now(), s.startReading))
	}
}

// startReading queues the reader of a channel for the first time.
func (s *Scheduler) startReading(c *Channel) { s.reads.add([]*reader{c.reader}, s.clock.Now()) }

// step does everything due at now, calls started with each channel that starts, and
// returns when to call it next.
func (s *Scheduler) step(now Instant, started func(*Channel)) Instant {
	if take(&s.posted) {
		s.takeInbox(now, started)
	}
	s.schedule(now)
	return min(s.first.sendDue(now), s.nextToSchedule())
}

// takeInbox starts the channels in the inbox and ends those that were stopped.
func (s *Scheduler) takeInbox(now Instant, started func(*Channel)) {
	s.mu.Lock()
	inbox := s.inbox
	s.inbox = nil
	s.mu.Unlock()
	for _, c := range inbox {
		switch {
		case !c.stopped.Load():
			c.start(now)
			started(c)
			s.waiting = append(s.waiting, c)
		case !c.scheduled: // Otherwise its next train ends it.
			s.waiting = slices.DeleteFunc(s.waiting, func(other *Channel) bool { return other == c })
			s.finish(c)
		}
	}
}

// schedule moves channels whose first train is near to the timetable.
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

// nextToSchedule returns when to call schedule next.
func (s *Scheduler) nextToSchedule() Instant {
	next := never
	for _, c := range s.waiting {
		next = min(next, c.scheduleAt())
	}
	return next
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
