//go:build wake

package playout

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestWake measures ways to wake at absolute instants: what they cost in CPU of
// the process and how late they are. README.md holds its figures.
//
//	go test -tags wake -run TestWake -v ./internal/playout
//
// It asserts nothing.
func TestWake(t *testing.T) {
	for _, procs := range []int{1, 2} {
		for _, pacing := range []time.Duration{8 * time.Millisecond, 40 * time.Millisecond} {
			for _, w := range wakers() {
				measureWake(t, w, procs, pacing)
			}
		}
	}
}

// waker sleeps until periodic instants from start on, a CLOCK_BOOTTIME
// in nanoseconds; prepare is called on the goroutine that will sleep.
type waker struct {
	name    string
	prepare func(start, step int64) (wait func(until int64), done func())
}

func wakers() []waker {
	return []waker{
		{"raw clock_nanosleep, locked thread", rawSleep(true)},
		{"raw clock_nanosleep, unlocked", rawSleep(false)},
		{"timerfd, os.File.Read", timerRead},
		{"timerfd, one shot, RawConn.Read", timerPoll},
		{"unix.ClockNanosleep", entered},
		{"time.Sleep", slept},
	}
}

func rawSleep(lock bool) func(start, step int64) (func(int64), func()) {
	return func(_, _ int64) (func(int64), func()) {
		if lock {
			runtime.LockOSThread()
		}
		return rawUntil, func() {
			if lock {
				runtime.UnlockOSThread()
			}
		}
	}
}

func rawUntil(until int64) {
	runtime.Gosched()
	ts := unix.NsecToTimespec(until)
	for {
		_, _, e := syscall.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME,
			uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if e != unix.EINTR {
			return
		}
		runtime.Gosched()
	}
}

func newTimer(start, step int64) *os.File {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		panic(err)
	}
	spec := unix.ItimerSpec{Interval: unix.NsecToTimespec(step), Value: unix.NsecToTimespec(start)}
	if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &spec, nil); err != nil {
		panic(err)
	}
	return os.NewFile(uintptr(fd), "timerfd")
}

func timerRead(start, step int64) (func(int64), func()) {
	f := newTimer(start, step)
	buf := make([]byte, 8)
	return func(int64) { f.Read(buf) }, func() { f.Close() }
}

func timerPoll(start, step int64) (func(int64), func()) {
	f := newTimer(start, 0)
	rc, _ := f.SyscallConn()
	var target int64
	ready := func(fd uintptr) bool {
		if bootNow() >= target {
			return true
		}
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(target)}
		syscall.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, unix.TFD_TIMER_ABSTIME, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
		return false
	}
	return func(until int64) { target = until; rc.Read(ready) }, func() { f.Close() }
}

func entered(_, _ int64) (func(int64), func()) {
	return func(until int64) {
		ts := unix.NsecToTimespec(until)
		for unix.ClockNanosleep(unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME, &ts, nil) == unix.EINTR {
		}
	}, func() {}
}

func slept(_, _ int64) (func(int64), func()) {
	return func(until int64) { time.Sleep(time.Duration(until - bootNow())) }, func() {}
}

func bootNow() int64 {
	var ts unix.Timespec
	syscall.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_BOOTTIME, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

func measureWake(t *testing.T, w waker, procs int, pacing time.Duration) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	const length = 4 * time.Second
	n := int(length / pacing)
	late := make([]int64, 0, n)
	done := make(chan struct{})
	cpu, switches := cpuTime(), contextSwitches()
	go func() {
		defer close(done)
		start := bootNow() + int64(pacing)
		wait, end := w.prepare(start, int64(pacing))
		defer end()
		for i := range n {
			until := start + int64(i)*int64(pacing)
			wait(until)
			late = append(late, bootNow()-until)
		}
	}()
	<-done
	cpu, switches = cpuTime()-cpu, contextSwitches()-switches
	slices.Sort(late)
	fmt.Printf("| %s | %d | %v | %.2f | %.0f µs | %.0f µs | %.0f µs | %.0f µs |\n", w.name, procs, pacing,
		float64(switches)/float64(n), float64(cpu.Microseconds())/float64(n),
		float64(late[n/2])/1e3, float64(late[n*999/1000])/1e3, float64(late[n-1])/1e3)
}

// cpuTime returns the user and system time this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// contextSwitches returns how often a thread of this process has given up its
// processor, or lost it.
func contextSwitches() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Nvcsw + u.Nivcsw
}
