package playout

import (
	"slices"
	"time"
)

// sender is a goroutine that sends trains. There are two, because the system now and
// then suspends a thread for some milliseconds, but seldom two at once. The second comes
// to each group secondDelay after its instant and sends it if the first has not. While
// there is one group only, it would gain little and double the wake-ups: it sleeps, and
// the first also reads.
type sender struct {
	timetable *timetable
	reads     *readQueue
	clock     Clock
	delay     time.Duration  // from the instant of a train until this sender sends it
	finish    func(*Channel) // is called with each channel that has ended
	toRead    []*reader      // claimed and not yet queued
}

// secondDelay is how long the first sender alone may take for a train.
const secondDelay = 500 * time.Microsecond

// urgentAfter is how long a reader may wait while the second sender sends. After that it
// reads first: a packet that is read too late is lost, one that is sent late is not. A
// ring lasts four times as long.
const urgentAfter = waitAfter / 2

// sendDue sends all that is due and returns when to call it next.
func (s *sender) sendDue(now Instant) Instant {
	for s.sendGroup(now) {
		now = s.clock.Now()
	}
	return s.next(now)
}

// sendGroup sends the group that has been due longest. It returns false if none is.
func (s *sender) sendGroup(now Instant) bool {
	g, t := s.timetable.claim(now.Add(-s.delay))
	if g == nil {
		return false
	}
	now = s.sendTrains(g, t, now)
	s.timetable.release(g)
	if len(s.toRead) > 0 {
		s.reads.add(s.toRead, now)
		clear(s.toRead)
		s.toRead = s.toRead[:0]
	}
	s.reads.watch(s.timetable.few())
	return true
}

// next returns when the sender has something to send.
func (s *sender) next(now Instant) Instant {
	return s.timetable.next(now.Add(-s.delay)).Add(s.delay)
}

// clockEvery is how many trains leave on one reading of the clock, which is a system
// call. A train takes some microseconds; lateness matters to a tenth of a millisecond.
const clockEvery = 8

// sendTrains sends the trains of instant t of a claimed group, claims the
// readers that must read next, and returns the present.
func (s *sender) sendTrains(g *group, t, now Instant) Instant {
	ended := false
	for i, c := range g.members {
		if c.sendTrain(t, now) {
			g.members[i], ended = nil, true
			s.timetable.channels.Add(-1)
			s.finish(c)
		}
		if i%clockEvery == clockEvery-1 {
			now = s.clock.Now()
		}
	}
	if ended {
		g.members = slices.DeleteFunc(g.members, func(c *Channel) bool { return c == nil })
	}
	s.toRead = g.claimReaders(s.toRead, t)
	return now
}
