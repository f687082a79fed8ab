package doctor

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/playout"
)

// Finding is the state of one thing.
type Finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Found says what is there, on one line.
	Found string `json:"found"`
	// Advice says what to do where it is not OK, and who can do without, on one line.
	Advice string `json:"advice,omitempty"`
}

// Patient is the machine that is examined.
type Patient struct {
	// Env reads the environment.
	Env func(string) string
	// Clock is that of calls to AWS.
	Clock aws.Clock
	// Region is that of a deployment, "" for that of the user's AWS configuration.
	Region string
}

// Examine looks at everything, in the order of a report.
func Examine(ctx context.Context, p Patient) []Finding {
	all := []Finding{offload(), multicast()}
	all = append(all, buffers()...)
	return append(all, realtime(), p.ffmpeg(ctx), wakeUps(), wallClock(ctx), p.aws(ctx))
}

// group is an address of those for an organization's own use (RFC 2365).
const group = "239.255.0.1:9"

// multicast asks the routes where groups are sent; nothing is sent.
func multicast() Finding {
	f := Finding{Name: "multicast"}
	able := interfaces()
	conn, err := net.Dial("udp4", group) //nolint:noctx // It asks the routes of this machine, and waits for nothing.
	if err != nil {
		f.Found = "no route to 239.0.0.0/8"
		f.Advice = "for multicast, add one (" + routeCommand(append(able, "eth0")[0]) + "), or name the interface in each destination (?iface=)"
		return f
	}
	defer conn.Close()
	name := interfaceOf(conn.LocalAddr().(*net.UDPAddr).IP)
	f.OK, f.Found = true, "239.0.0.0/8 leaves by "+name
	if len(able) > 1 {
		f.Found += "; ?iface= chooses another (" + strings.Join(able, ", ") + ")"
	}
	return f
}

// interfaces returns the names of the interfaces that are up and take multicast.
func interfaces() (names []string) {
	all, _ := net.Interfaces() // None is as bad as an error.
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagMulticast != 0 && i.Flags&net.FlagLoopback == 0 {
			names = append(names, i.Name)
		}
	}
	return names
}

// interfaceOf returns the name of the interface that has the address, or the address.
func interfaceOf(ip net.IP) string {
	all, _ := net.Interfaces()
	for _, i := range all {
		addresses, _ := i.Addrs()
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
				return i.Name
			}
		}
	}
	return ip.String()
}

func realtime() Finding {
	f := Finding{Name: "real-time priority", OK: true, Found: "--realtime may be used"}
	if err := playout.CheckRealtime(); err != nil {
		f.OK, f.Found, f.Advice = false, "it is not permitted", "without it a busy machine delays datagrams; "+err.Error()
	}
	return f
}

func (p Patient) ffmpeg(ctx context.Context) Finding {
	f := Finding{Name: "ffmpeg", OK: true}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, missing, err := encode.CheckFFmpeg(ctx, p.Env)
	switch {
	case err != nil:
		f.OK, f.Found, f.Advice = false, "none that can be used", err.Error()
	case len(missing) > 0:
		f.OK, f.Found = false, found
		f.Advice = "it lacks " + strings.Join(missing, ", ") + ": codings that need them cannot be encoded; install a build that has them, or name one in LILO_FFMPEG"
	default:
		f.Found = found
	}
	return f
}

// patience is how long another program or a server may take to answer.
const patience = 10 * time.Second

func (p Patient) aws(ctx context.Context) Finding {
	f := Finding{Name: "AWS"}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	account, err := aws.Connect(ctx, aws.Options{Region: p.Region, Clock: p.Clock})
	if err == nil {
		var who aws.Identity
		if who, err = account.Identity(ctx); err == nil {
			f.OK, f.Found = true, who.String()+" in "+account.Region
			return f
		}
	}
	f.Found, f.Advice = "no access", "lilo deploy, s3:// sources and an event bus need it; "+err.Error()
	return f
}

// wallClock asks whether something keeps the time of day.
func wallClock(ctx context.Context) Finding {
	s := clocksync.Read(ctx)
	f := Finding{Name: "clock", OK: s.Synchronized, Found: s.String()}
	if !f.OK {
		f.Advice = "two machines that send the same stream (--epoch unix) need it, and AWS refuses requests that are 5 minutes off: " +
			"timedatectl set-ntp true, or install chrony; in a container, on its host"
	}
	return f
}
