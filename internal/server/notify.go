package server

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// notifier tells systemd how the service fares (sd_notify(3)). Without systemd
// it tells nobody.
type notifier struct {
	socket string
	// every is how often systemd wants to hear that all is well, 0 for never.
	every time.Duration
}

func newNotifier(env func(string) string) notifier {
	n := notifier{socket: env("NOTIFY_SOCKET")}
	if micros, err := strconv.ParseInt(env("WATCHDOG_USEC"), 10, 64); err == nil && micros > 0 {
		n.every = time.Duration(micros) * time.Microsecond / 2
	}
	if strings.HasPrefix(n.socket, "@") {
		n.socket = "\x00" + n.socket[1:]
	}
	return n
}

// tell sends a state. Nobody can do anything about it when it does not arrive.
func (n notifier) tell(ctx context.Context, state string) {
	if n.socket == "" {
		return
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", n.socket)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}

func (n notifier) ready(ctx context.Context)    { n.tell(ctx, "READY=1") }
func (n notifier) stopping(ctx context.Context) { n.tell(ctx, "STOPPING=1") }

// reloading takes the monotonic clock, in nanoseconds, as Type=notify-reload wants it.
func (n notifier) reloading(ctx context.Context, monotonic int64) {
	n.tell(ctx, fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", monotonic/1000))
}

// watch tells that all is well for as long as that is so.
func (n notifier) watch(ctx context.Context, well func() bool) {
	if n.every == 0 || n.socket == "" {
		return
	}
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if well() {
				n.tell(ctx, "WATCHDOG=1")
			}
		case <-ctx.Done():
			return
		}
	}
}
