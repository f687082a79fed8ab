//go:build !linux

package doctor

import "runtime"

// On other systems than Linux LILO plays with a plainer clock and without what is below.

func offload() Finding {
	return Finding{Name: "segmentation offload", Found: "not on " + runtime.GOOS, Advice: "channels play, and take more processor time; Linux can"}
}

func buffers() []Finding { return nil }

func wakeUps() Finding {
	return Finding{Name: "wake-ups", Found: "by the timers of the system", Advice: "for many channels or exact times, use Linux"}
}

// routeCommand returns the command that sends multicast by an interface.
func routeCommand(name string) string { return "route add -net 239.0.0.0/8 -interface " + name }
