package clocksync

import (
	"time"

	"golang.org/x/sys/unix"
)

// readKernel asks the kernel, to which the daemons of NTP and PTP report (adjtimex(2)).
func readKernel() State {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return State{}
	}
	return kernelState(state, &t)
}

func kernelState(state int, t *unix.Timex) State {
	unit := time.Microsecond
	if t.Status&unix.STA_NANO != 0 {
		unit = time.Nanosecond
	}
	return State{
		Source:       "kernel",
		Synchronized: state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0,
		Offset:       (time.Duration(t.Offset) * unit).Abs(),
		Error:        time.Duration(t.Esterror) * time.Microsecond,
	}
}
