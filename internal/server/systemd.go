package server

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// systemd notifies systemd of the state of the service (sd_notify(3)). Without
// systemd it does nothing.
type systemd struct {
	socket string
	// interval is the time between watchdog notifications, half of what systemd
	// allows; 0 if there is no watchdog.
	interval time.Duration
}

func newSystemd(getenv func(string) string) systemd {
	s := systemd{socket: getenv("NOTIFY_SOCKET")}
	if micros, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && micros > 0 {
		s.interval = time.Duration(micros) * time.Microsecond / 2
	}
	if strings.HasPrefix(s.socket, "@") {
		s.socket = "\x00" + s.socket[1:]
	}
	return s
}

// notify sends a state. If that fails, nothing can be done about it.
func (s systemd) notify(ctx context.Context, state string) {
	if s.socket == "" {
		return
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", s.socket)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}

func (s systemd) ready(ctx context.Context)    { s.notify(ctx, "READY=1") }
func (s systemd) stopping(ctx context.Context) { s.notify(ctx, "STOPPING=1") }

// reloading needs the time of the monotonic clock (Type=notify-reload).
func (s systemd) reloading(ctx context.Context) {
	s.notify(ctx, fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", monotonicMicros()))
}

// watchdog reports that the service is alive each time that check has returned,
// until ctx is done.
func (s systemd) watchdog(ctx context.Context, check func()) {
	if s.interval == 0 || s.socket == "" {
		return
	}
	tick := time.NewTicker(s.interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			check()
			s.notify(ctx, "WATCHDOG=1")
		case <-ctx.Done():
			return
		}
	}
}
