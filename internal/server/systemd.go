package server

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd the state of the service (sd_notify(3)). Without systemd it
// does nothing; if it fails, nothing can be done about it.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }

// watchdog reports to systemd that the service is alive each time that check has
// returned, until ctx is done: twice in the time that systemd allows.
func watchdog(ctx context.Context, check func()) {
	allowed, err := daemon.SdWatchdogEnabled(false)
	if err != nil || allowed == 0 {
		return
	}
	tick := time.NewTicker(allowed / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			check()
			notify(daemon.SdNotifyWatchdog)
		case <-ctx.Done():
			return
		}
	}
}
