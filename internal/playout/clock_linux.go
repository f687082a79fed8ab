package playout

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bootClock is CLOCK_BOOTTIME, which counts the time the machine sleeps too
// and never steps, set once to the wall clock.
//
// It sleeps on a timerfd in the runtime's poller, armed once for each wait:
// the cheapest way to wake of those README.md measures, for it leaves no P in
// use meanwhile (one in a system call keeps the runtime's monitor polling 100
// times a second) and the poller hands the goroutine to the thread that woke.
// Instants that are near it waits for on the thread.
type bootClock struct {
	zero        Instant // of CLOCK_BOOTTIME 0
	timer       *os.File
	conn        syscall.RawConn
	ready       func(fd uintptr) bool // waitReady, bound once so that waiting allocates nothing
	until       Instant
	armed       bool
	interrupted flag
	holds       bool // there is a processor besides for all else
}

// NewClock returns the system's clock for playout.
func NewClock() (Clock, error) {
	return newBootClock(wallZero(), runtime.GOMAXPROCS(0) > 1)
}

func newBootClock(zero Instant, holds bool) (Clock, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create a timer on CLOCK_BOOTTIME: %w", err)
	}
	c := &bootClock{zero: zero, timer: os.NewFile(uintptr(fd), "timerfd"), holds: holds}
	if c.conn, err = c.timer.SyscallConn(); err != nil {
		return nil, fmt.Errorf("poll a timer: %w", err)
	}
	c.ready = c.waitReady
	return c, nil
}

// wallZero returns the wall clock's time at CLOCK_BOOTTIME 0. The clocks are
// read in turn; of three tries the one that was interrupted least counts.
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

// bootTime reads CLOCK_BOOTTIME in nanoseconds, without the detour of
// unix.ClockGettime, which tells the runtime of a call that may block.
func bootTime() int64 {
	var ts unix.Timespec
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_BOOTTIME, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

func (c *bootClock) Now() Instant { return c.zero + Instant(bootTime()) }

func (c *bootClock) Wait(until Instant) {
	if c.holds && until.Sub(c.Now()) <= near {
		c.hold(until)
		return
	}
	c.until, c.armed = until, false
	_ = c.conn.Read(c.ready) // It fails only when the clock is closed.
}

// near is the longest wait for which the thread, and with it the right to run
// Go code, is held. An interrupt may have to wait for as long.
//
// Only who has much to send waits so shortly, again and again. Parked in
// between, its goroutine is handed from thread to thread as others come and go,
// and each hand-over may wait for a processor: one further channel that started
// and stopped each second then doubled the lateness of a thousand (README.md).
const near = 750 * time.Microsecond

// hold waits on the thread, unless the instant is past. It returns early where
// a signal comes: the runtime asks with one for the goroutine to pause, which it
// can do outside of the call alone.
func (c *bootClock) hold(until Instant) {
	if c.interrupted.lower() {
		return
	}
	// Without it, the kernel may take 50 µs more to have a thread wake with others.
	_, _, _ = syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, 1, 0)
	spec := unix.NsecToTimespec(max(1, int64(until-c.zero)))
	_, _, _ = syscall.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	c.interrupted.lower()
}

// waitReady is asked before the poller waits for the timer and again when the
// timer has gone off. An interrupt that comes before the timer is armed has
// raised its flag by then; a later one finds the timer and sets it off.
func (c *bootClock) waitReady(fd uintptr) bool {
	if !c.armed {
		c.armed = true
		arm(fd, max(1, int64(c.until-c.zero)))
		return c.interrupted.lower()
	}
	c.interrupted.lower()
	return true
}

// arm sets the timer off at a CLOCK_BOOTTIME in nanoseconds, not 0, which would disarm it.
func arm(fd uintptr, at int64) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(at)}
	_, _, _ = syscall.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, unix.TFD_TIMER_ABSTIME, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

func (c *bootClock) Interrupt() {
	c.interrupted.raise()
	_ = c.conn.Control(func(fd uintptr) { arm(fd, 1) })
}

// Clone returns a clock that never holds its thread: one has to be free for all else.
func (c *bootClock) Clone() (Clock, error) { return newBootClock(c.zero, false) }

func (c *bootClock) Close() error { return c.timer.Close() }
