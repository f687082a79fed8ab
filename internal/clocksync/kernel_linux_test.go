package clocksync

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestKernelState(t *testing.T) {
	for _, c := range []struct {
		name  string
		state int
		timex unix.Timex
		want  State
	}{
		{
			"kept, in nanoseconds", unix.TIME_OK,
			unix.Timex{Offset: -1500, Esterror: 20, Maxerror: 5000, Status: unix.STA_PLL | unix.STA_NANO},
			State{Source: "kernel", Synchronized: true, Offset: 1500 * time.Nanosecond, Error: 20 * time.Microsecond},
		},
		{
			"kept, in microseconds", unix.TIME_INS,
			unix.Timex{Offset: 1500, Status: unix.STA_PLL},
			State{Source: "kernel", Synchronized: true, Offset: 1500 * time.Microsecond},
		},
		{"not kept", unix.TIME_ERROR, unix.Timex{Status: unix.STA_UNSYNC}, State{Source: "kernel"}},
		{"kept, says a daemon, but wrongly", unix.TIME_ERROR, unix.Timex{}, State{Source: "kernel"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := kernelState(c.state, &c.timex); got != c.want {
				t.Errorf("it is %+v\nwant  %+v", got, c.want)
			}
		})
	}
}
