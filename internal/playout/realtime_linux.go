package playout

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/fault"
)

// realtimeClock is a bootClock whose first sender waits on a thread of its own with real-time
// priority, so that no other process of normal priority delays it.
//
// It waits in the thread: were the sender parked in the poller, a thread of normal priority
// would have to wake it. That costs the wake-ups that README.md measures.
type realtimeClock struct {
	*bootClock

	owned bool // the waiting goroutine owns its thread
}

// realtimePriority is low among those of SCHED_FIFO: above all normal processes, and below
// what a system does with priority.
const realtimePriority = 10

// longestHold is the longest wait in the thread, and how late an interrupt may be.
const longestHold = 10 * time.Millisecond

// NewRealtimeClock returns a clock whose waiting goroutine gets real-time priority
// (SCHED_FIFO). An error is of kind Usage if the system does not permit that.
func NewRealtimeClock() (Clock, error) {
	if err := CheckRealtime(); err != nil {
		return nil, err
	}
	// The sender keeps the right to run Go code while it waits, so there is one more.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	c, err := newBootClock(wallZero(), false)
	if err != nil {
		return nil, err
	}
	return &realtimeClock{bootClock: c}, nil
}

// CheckRealtime returns an error of kind Usage if the system does not permit real-time priority.
func CheckRealtime() error {
	permitted := make(chan error)
	go func() { // Its thread ends with it.
		runtime.LockOSThread()
		permitted <- becomeRealtime()
	}()
	if err := <-permitted; err != nil {
		return fault.New(fault.Usage, "real-time priority is not permitted here (%w): allow it with LimitRTPRIO=%d in a unit of systemd or ulimit -r %[2]d, "+
			"or give the program CAP_SYS_NICE", err, realtimePriority)
	}
	return nil
}

// becomeRealtime gives the present thread real-time priority. Threads and processes that it
// starts do not inherit that.
func becomeRealtime() error {
	return unix.SchedSetAttr(0, &unix.SchedAttr{Policy: unix.SCHED_FIFO, Priority: realtimePriority, Flags: unix.SCHED_FLAG_RESET_ON_FORK}, 0)
}

// Wait returns after longestHold at the latest.
func (c *realtimeClock) Wait(until Instant) {
	if !c.owned {
		runtime.LockOSThread()
		_ = becomeRealtime() // It was permitted when the clock was made.
		c.owned = true
	}
	c.waitInThread(min(until, c.alarm.take(), c.Now().Add(longestHold)))
}
