package playout

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bootClock is CLOCK_BOOTTIME, which also counts the time that the machine
// sleeps and never steps, plus its offset to the wall clock when it was made.
//
// It sleeps on a timerfd in the runtime's poller, armed once for each wait. Of
// the ways that README.md measures, this one wakes most cheaply: no P is in use
// meanwhile (one in a system call keeps the runtime's monitor polling 100 times
// a second), and the poller hands the goroutine to the thread that woke. For
// short waits it sleeps in the thread instead.
type bootClock struct {
	zero        Instant // of CLOCK_BOOTTIME 0
	timer       *os.File
	conn        syscall.RawConn
	ready       func(fd uintptr) bool // waitReady, bound once so that waiting allocates nothing
	until       Instant
	armed       bool
	interrupted atomic.Bool
	alarm       alarm
	mayHold     bool // other processors are left for all else
}

// NewClock returns the system's clock for playout.
func NewClock() (Clock, error) {
	return newBootClock(wallZero(), runtime.GOMAXPROCS(0) > 1)
}

func newBootClock(zero Instant, mayHold bool) (*bootClock, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create a timer on CLOCK_BOOTTIME: %w", err)
	}
	c := &bootClock{zero: zero, timer: os.NewFile(uintptr(fd), "timerfd"), mayHold: mayHold}
	if c.conn, err = c.timer.SyscallConn(); err != nil {
		return nil, fmt.Errorf("poll a timer: %w", err)
	}
	c.ready = c.waitReady
	return c, nil
}

// wallZero returns the wall clock's time at CLOCK_BOOTTIME 0. It reads both
// clocks three times and uses the attempt that was interrupted least.
func wallZero() Instant {
	var zero Instant
	shortest := int64(1 << 62)
	for range 3 {
		before := bootTime()
		wall := time.Now()
		after := bootTime()
		if after-before < shortest {
			shortest, zero = after-before, At(wall)-Instant(before+(after-before)/2)
		}
	}
	return zero
}

// bootTime reads CLOCK_BOOTTIME in nanoseconds. The call is raw because
// unix.ClockGettime tells the runtime of a call that may block.
func bootTime() int64 {
	var ts unix.Timespec
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_BOOTTIME, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

func (c *bootClock) Now() Instant { return c.zero + Instant(bootTime()) }

func (c *bootClock) Wait(until Instant) {
	if c.mayHold && until.Sub(c.Now()) <= shortWait {
		c.waitInThread(until)
		return
	}
	c.until, c.armed = until, false
	_ = c.conn.Read(c.ready) // It fails only when the clock is closed.
}

// shortWait is the longest wait that holds the thread, and with it the right to
// run Go code. An interrupt may take as long.
//
// Only a sender with much to send waits for so short a time, again and again. If
// its goroutine were parked in between, it would move from thread to thread as
// others come and go, and each move may wait for a processor: a single channel
// that started and stopped each second doubled the lateness of a thousand
// (README.md).
const shortWait = 750 * time.Microsecond

// waitInThread returns at once if the instant is past. It returns early after a
// signal, with which the runtime asks the goroutine to stop: the goroutine can do
// so only outside the system call.
func (c *bootClock) waitInThread(until Instant) {
	if take(&c.interrupted) {
		return
	}
	// By default, the kernel may wake a thread 50 µs late, together with others.
	_, _, _ = syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, 1, 0)
	spec := unix.NsecToTimespec(max(1, int64(until-c.zero)))
	_, _, _ = syscall.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	take(&c.interrupted)
}

// waitReady is called before the poller waits for the timer, and again when the
// timer has expired. An interrupt that comes before the timer is armed has set
// its flag by then; a later one makes the timer expire.
func (c *bootClock) waitReady(fd uintptr) bool {
	if !c.armed {
		c.armed = true
		c.arm(fd, c.until)
		if at := c.alarm.take(); at < c.until { // One that is set later is armed later.
			c.arm(fd, at)
		}
		return take(&c.interrupted)
	}
	take(&c.interrupted)
	return true
}

// arm sets the timer. 0 would disarm it.
func (c *bootClock) arm(fd uintptr, at Instant) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, int64(at-c.zero)))}
	_, _, _ = syscall.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, unix.TFD_TIMER_ABSTIME, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

func (c *bootClock) Interrupt() {
	c.interrupted.Store(true)
	_ = c.conn.Control(func(fd uintptr) { c.arm(fd, 0) })
}

func (c *bootClock) Alarm(at Instant) {
	c.alarm.set(at)
	_ = c.conn.Control(func(fd uintptr) { c.arm(fd, at) })
}

// Clone returns a clock that never holds its thread, because one thread must
// stay free for all else.
func (c *bootClock) Clone() (Clock, error) { return newBootClock(c.zero, false) }

func (c *bootClock) Close() error { return c.timer.Close() }
