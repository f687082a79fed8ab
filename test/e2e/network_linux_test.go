//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

// lab is a sender and two receivers in network namespaces of their own, each on a link
// of its own: sender va — vb left, sender vc — vd right.
type lab struct {
	t                   *testing.T
	sender, left, right string // namespaces
}

// newLab makes a lab, which needs root, and removes it when the test ends.
func newLab(t *testing.T) lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, name := range []string{"ip", "tcpdump"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	name := fmt.Sprintf("lilo-%d-", os.Getpid())
	l := lab{t, name + "s", name + "l", name + "r"}
	if out, err := exec.Command("ip", "netns", "add", l.sender).CombinedOutput(); err != nil {
		t.Skipf("network namespaces cannot be made here: %s", out)
	}
	t.Cleanup(func() {
		for _, ns := range []string{l.sender, l.left, l.right} {
			_ = exec.Command("ip", "netns", "del", ns).Run()
		}
	})
	l.ip("netns add " + l.left)
	l.ip("netns add " + l.right)
	l.ip("link add va netns " + l.sender + " type veth peer name vb netns " + l.left)
	l.ip("link add vc netns " + l.sender + " type veth peer name vd netns " + l.right)
	for _, at := range []struct{ ns, device, v4, v6 string }{
		{l.sender, "va", "10.7.1.1/24", "fd07:1::1/64"},
		{l.sender, "vc", "10.7.2.1/24", "fd07:2::1/64"},
		{l.left, "vb", "10.7.1.2/24", "fd07:1::2/64"},
		{l.right, "vd", "10.7.2.2/24", "fd07:2::2/64"},
	} {
		l.ip("-n " + at.ns + " link set lo up")
		l.ip("-n " + at.ns + " addr add " + at.v4 + " dev " + at.device)
		l.ip("-n " + at.ns + " addr add " + at.v6 + " nodad dev " + at.device)
		l.ip("-n " + at.ns + " link set " + at.device + " addrgenmode eui64 up")
	}
	return l
}

func (l lab) ip(args string) []byte {
	l.t.Helper()
	out, _ := tool(l.t, "ip", strings.Fields(args)...)
	return out
}

// in starts a program in a namespace.
func (l lab) in(ns string, args ...string) *process {
	l.t.Helper()
	p := &process{cmd: exec.CommandContext(l.t.Context(), "ip", append([]string{"netns", "exec", ns}, args...)...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// lilo starts the program at the sender.
func (l lab) lilo(args ...string) *process {
	l.t.Helper()
	file, err := program()
	if err != nil {
		l.t.Fatal(err)
	}
	return l.in(l.sender, append([]string{file}, args...)...)
}

// frames sends by a command line until that many frames of a filter have come to each
// receiver, or two seconds are over, and returns them as tcpdump -e shows them.
func (l lab) frames(count int, filter string, args ...string) (left, right string) {
	l.t.Helper()
	a, b := l.capture(l.left, "vb", count, filter), l.capture(l.right, "vd", count, filter)
	sender := l.lilo(append([]string{"run"}, args...)...)
	defer sender.end()
	return a(), b()
}

// capture begins to capture frames. The function that it returns waits for that many of
// them, or for two seconds, and returns them as tcpdump -e shows them.
func (l lab) capture(ns, device string, count int, filter string) func() string {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), device+".pcap")
	p := l.in(ns, "tcpdump", "-Z", "root", "-Uni", device, "-c", strconv.Itoa(count), "-w", file, filter)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			break
		} else if time.Now().After(deadline) {
			l.t.Fatal("tcpdump does not listen")
		}
	}
	return func() string {
		timeout := time.AfterFunc(2*time.Second, func() { _ = p.cmd.Process.Signal(os.Interrupt) })
		defer timeout.Stop()
		p.wait(l.t)
		out, _ := tool(l.t, "tcpdump", "-nner", file)
		return string(out)
	}
}

// end ends a process at once.
func (p *process) end() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// mac returns the MAC address of a device.
func (l lab) mac(ns, device string) string {
	l.t.Helper()
	return regexp.MustCompile(`link/ether (\S+)`).FindStringSubmatch(string(l.ip("-n " + ns + " link show " + device)))[1]
}

// arrives checks that all frames have that destination MAC address; "" stands for no frame.
func arrives(t *testing.T, where, frames, mac string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(frames), "\n")
	if mac == "" {
		if frames != "" {
			t.Errorf("%s got frames: %s", where, lines[0])
		}
		return
	}
	for _, line := range lines {
		if !strings.Contains(line, " > "+mac+", ") {
			t.Errorf("%s: a frame does not go to %s: %s", where, mac, line)
		}
	}
}

// RFC 1112, 6.4 and RFC 2464, 7: frames of a group carry the group's MAC address, and
// leave by the interface that is named, whatever the routes.
func TestMulticastFrames(t *testing.T) {
	long(t)
	l := newLab(t)
	const group4, group6 = "01:00:5e:01:01:01", "33:33:00:00:00:07"
	linkLocal := "fe80::" // of vb
	for field := range strings.FieldsSeq(string(l.ip("-n " + l.left + " -6 addr show dev vb scope link"))) {
		if strings.HasPrefix(field, "fe80:") {
			linkLocal = strings.TrimSuffix(field, "/64")
		}
	}
	router, other := "-n "+l.sender+" route replace 224.0.0.0/4 via 10.7.1.2", "-n "+l.sender+" route replace default via 10.7.2.2 metric 200"
	for _, c := range []struct {
		name, routes, to, left, right string
	}{
		{"no route, an interface", "", "rtp://239.1.1.1:5000?iface=va", group4, ""},
		{"no route, an address", "", "rtp://239.1.1.1:5000?iface=10.7.2.1", "", group4},
		{"groups go to a router, the interface to it", router, "rtp://239.1.1.1:5000?iface=va", group4, ""},
		{"groups go to a router, another interface", "", "udp://239.1.1.1:5000?iface=vc", "", group4},
		{"groups go to a router, no interface", "", "rtp://239.1.1.1:5000", group4, ""},
		{"a group on two interfaces", "", "rtp://239.1.1.1:5000?iface=va rtp://239.1.1.1:5000?iface=vc", group4, group4},
		{"two default routes, no interface", "-n " + l.sender + " route del 224.0.0.0/4;-n " + l.sender + " route add default via 10.7.1.2 metric 100;" + other, "rtp://239.1.1.1:5000", group4, ""},
		{"two default routes, the lesser one", "", "rtp://239.1.1.1:5000?iface=vc", "", group4},
		{"unicast by the route", "", "rtp://10.9.9.9:5000", l.mac(l.left, "vb"), ""},
		{"unicast by an interface", "", "rtp://10.9.9.9:5000?iface=vc", "", l.mac(l.right, "vd")},
		{"a zone as it is typed", "", "rtp://[ff02::7%vc]:5000", "", group6},
		{"a zone as it is printed", "", "rtp://[ff02::7%25va]:5000", group6, ""},
		{"a neighbour", "", "udp://[" + linkLocal + "%va]:5000", l.mac(l.left, "vb"), ""},
		{"IPv6 unicast by an interface", "", "udp://[fd07:1::2]:5000?iface=va", l.mac(l.left, "vb"), ""},
		{"groups go to a router, IPv6", "-n " + l.sender + " -6 route add ff15::/16 via fd07:1::2", "udp://[ff15::7]:5000", group6, ""},
		{"groups go to a router, another interface, IPv6", "", "udp://[ff15::7]:5000?iface=vc", "", group6},
		{"a wide group", "", "udp://[ff15::7]:5000?iface=vc", "", group6},
	} {
		for route := range strings.SplitSeq(c.routes, ";") {
			if route != "" {
				l.ip(route)
			}
		}
		t.Run(c.name, func(t *testing.T) {
			var args []string
			for to := range strings.FieldsSeq(c.to) {
				args = append(args, "--to", to)
			}
			left, right := l.frames(3, "udp port 5000", args...)
			arrives(t, "left", left, c.left)
			arrives(t, "right", right, c.right)
		})
	}
}

// A group follows the routes while it is sent to.
func TestGroupFollowsTheRoutes(t *testing.T) {
	long(t)
	l := newLab(t)
	l.ip("-n " + l.sender + " route add 224.0.0.0/4 dev va")
	sender := l.lilo("run", "--muxrate", "4M", "--to", "rtp://239.1.1.1:5000")
	defer sender.end()
	if left := l.capture(l.left, "vb", 3, "udp port 5000")(); left == "" {
		t.Fatal("nothing comes by the first route")
	}
	l.ip("-n " + l.sender + " route replace 224.0.0.0/4 via 10.7.2.2")
	time.Sleep(11 * time.Second) // A thousand trains of 8 ms.
	arrives(t, "right", l.capture(l.right, "vd", 3, "udp port 5000")(), "01:00:5e:01:01:01")
	if left := l.capture(l.left, "vb", 3, "udp port 5000")(); left != "" {
		t.Errorf("it still goes by the first route: %s", left)
	}
}

// The header of a datagram is as its destination says.
func TestHeaderOptions(t *testing.T) {
	long(t)
	l := newLab(t)
	l.ip("-n " + l.sender + " addr add 10.7.1.77/24 dev va")
	left, _ := l.frames(2, "udp port 5000", "--to", "rtp://10.7.1.2:5000?ttl=9&dscp=AF41&localaddr=10.7.1.77&localport=4000")
	if !strings.Contains(left, "10.7.1.77.4000 > 10.7.1.2.5000") {
		t.Errorf("the source is not 10.7.1.77:4000:\n%s", left)
	}
	p := l.capture(l.left, "vb", 2, "udp port 5000 and ip[8] = 9 and ip[1] = 0x88")
	sender := l.lilo("run", "--to", "rtp://10.7.1.2:5000?ttl=9&dscp=AF41")
	defer sender.end()
	if p() == "" {
		t.Error("no datagram has a time to live of 9 and the code point AF41")
	}
}

// A receiver of a group gets the channel although the routes lead groups to a router.
func TestGroupIsReceived(t *testing.T) {
	long(t)
	l := newLab(t)
	l.ip("-n " + l.sender + " route add 224.0.0.0/4 via 10.7.1.2")
	sender := l.lilo("run", "--to", "rtp://239.1.1.1:5000")
	defer sender.end()
	for name, args := range map[string][]string{
		"ffmpeg":    {"ffmpeg", "-v", "error", "-xerror", "-i", "rtp://239.1.1.1:5000?localaddr=10.7.1.2", "-t", "2", "-f", "null", "-"},
		"GStreamer": {"gst-launch-1.0", "-q", "udpsrc", "address=239.1.1.1", "port=5000", "multicast-iface=vb", "num-buffers=200", "caps=application/x-rtp,media=video,encoding-name=MP2T,payload=33", "!", "rtpmp2tdepay", "!", "filesink", "location=/dev/null"},
	} {
		l.ip("-n " + l.left + " route replace 224.0.0.0/4 dev vb")
		p := l.in(l.left, append([]string{"timeout", "30"}, args...)...)
		if code := p.wait(t); code != 0 {
			t.Errorf("%s ends with %d: %s", name, code, &p.err)
		}
	}
}

// RFC 1191 and RFC 8201: datagrams fit what the path takes, or are told.
func TestMTU(t *testing.T) {
	long(t)
	l := newLab(t)
	l.ip("link add vx netns " + l.left + " type veth peer name vy netns " + l.right)
	l.ip("-n " + l.left + " addr add 10.7.3.1/24 dev vx")
	l.ip("-n " + l.right + " addr add 10.7.3.2/24 dev vy")
	l.ip("-n " + l.left + " link set vx mtu 1300 up")
	l.ip("-n " + l.right + " link set vy up")
	l.ip("-n " + l.sender + " route add 10.7.3.0/24 via 10.7.1.2")
	l.ip("-n " + l.right + " route add default via 10.7.3.1")
	tool(t, "ip", "netns", "exec", l.left, "sysctl", "-qw", "net.ipv4.ip_forward=1")
	const shorter, cut = "6 TS packets", "are fragmented, because the path takes 1300"
	for _, c := range []struct {
		name, to, mtu, later string
		size                 string // of the UDP payload of most datagrams
		fragments            bool
		told                 string
	}{
		{"a narrow link", "rtp://10.7.2.2:5000", "1300", "", "1140", false, shorter},
		{"a narrow link, the number given", "rtp://10.7.2.2:5000?pkt=7", "1300", "", "1328", true, cut},
		{"a narrow link, its MTU given", "rtp://10.7.2.2:5000?mtu=1300", "1300", "", "1140", false, ""},
		{"a link becomes narrow", "udp://10.7.2.2:5000", "1500", "1300", "1128", false, shorter},
		{"a narrow link, IPv6", "udp://[fd07:2::2]:5000", "1300", "", "1128", false, shorter},
		{"a router far away", "rtp://10.7.3.2:5000", "1500", "", "1140", false, shorter},
		{"a router far away, the number given", "rtp://10.7.3.2:5000?pkt=7", "1500", "", "1328", true, cut},
		{"a wide link", "rtp://10.7.2.2:5000", "1500", "", "1328", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.ip("-n " + l.sender + " link set vc mtu " + c.mtu)
			l.ip("-n " + l.sender + " route flush cache")
			device := "vd"
			if strings.Contains(c.to, "10.7.3.2") {
				device = "vy"
			}
			sender := l.lilo("run", "--for", "4s", "--to", c.to)
			if c.later != "" {
				time.Sleep(time.Second)
				l.ip("-n " + l.sender + " link set vc mtu " + c.later)
			}
			time.Sleep(time.Second)
			frames := l.capture(l.right, device, 20, "ip or ip6 and not icmp6")()
			sender.wait(t)
			if !strings.Contains(frames, "length "+c.size) && !strings.Contains(frames, "("+c.size+")") {
				t.Errorf("no datagram of %s bytes:\n%s", c.size, frames)
			}
			if got := regexp.MustCompile(`ip-proto-17|frag`).MatchString(frames); got != c.fragments {
				t.Errorf("fragments: %v, want %v:\n%s", got, c.fragments, frames)
			}
			out := sender.out.String() + sender.err.String()
			if got := strings.Count(out, "the path takes"); (got == 1) != (c.told != "") || !strings.Contains(out, c.told) {
				t.Errorf("it is told %d times, want %q once:\n%s", got, c.told, out)
			}
		})
	}
}

// RFC 2974: players that know nothing but the group of announcements find the channel.
func TestAnnouncedChannelIsFound(t *testing.T) {
	long(t)
	l := newLab(t)
	l.ip("-n " + l.left + " route add 224.0.0.0/4 dev vb")
	for _, to := range []string{"rtp://239.255.1.1:5000?iface=va&sap=1&rtcp=1", "udp://239.255.1.1:5000?iface=va&sap=1"} {
		sender := l.lilo("run", "--name", "Found", "--to", to)
		p := l.in(l.left, "timeout", "40", "ffmpeg", "-i", "sap://239.255.255.255", "-t", "2", "-f", "null", "-")
		if code := p.wait(t); code != 0 || !strings.Contains(p.err.String(), "Input #0, sap") || !strings.Contains(p.err.String(), "Audio: aac") {
			t.Errorf("%s: ffmpeg ends with %d: %s", to, code, &p.err)
		}
		sender.end()
	}
}

// patient makes a channel send late what a busy machine delays, where it would skip it: the tests
// of this file are about paths, not about time.
const patient = "--pacing=300ms"

// SMPTE 2022-7: two legs, of one process and of two; each is cut in turn, and nothing is missing.
func TestTwoLegs(t *testing.T) {
	long(t)
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for name, senders := range map[string][][]string{
		"one process": {{"--to", "rtp://239.1.1.1:5000?iface=va", "--to", "rtp://239.1.1.1:5000?iface=vx"}},
		"two processes": {
			{"--epoch", "unix", "--to", "rtp://239.1.1.1:5000?iface=va"}, {"--epoch", "unix", "--to", "rtp://239.1.1.2:5000?iface=vx"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.ip("link add vx netns " + l.sender + " type veth peer name vy netns " + l.left)
			l.ip("-n " + l.sender + " addr add 10.7.4.1/24 dev vx")
			l.ip("-n " + l.left + " addr add 10.7.4.2/24 dev vy")
			l.ip("-n " + l.sender + " link set vx up")
			l.ip("-n " + l.left + " link set vy up")
			second := "rtp://239.1.1.1:5000?iface=vy"
			if len(senders) > 1 {
				second = "rtp://239.1.1.2:5000?iface=10.7.4.2"
			}
			for _, args := range senders {
				sender := l.lilo(append([]string{"run", "--muxrate", "3M", patient}, args...)...)
				defer sender.end()
			}
			time.Sleep(time.Second)
			receiver := l.in(l.left, file, "monitor", "--json", "--for", "8s", "rtp://239.1.1.1:5000?iface=vb", second)
			time.Sleep(2 * time.Second)
			for _, device := range []string{"va", "vx"} {
				l.ip("-n " + l.sender + " link set " + device + " down")
				time.Sleep(time.Second)
				l.ip("-n " + l.sender + " link set " + device + " up")
				time.Sleep(1500 * time.Millisecond)
			}
			if code := receiver.wait(t); code != 0 {
				t.Errorf("the reconstructed stream has errors: %s\n%s", &receiver.err, &receiver.out)
			}
			var report monitor.Report
			if err := json.Unmarshal(receiver.out.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			if report.RTP.Lost != 0 || report.Count(monitor.Continuity) != 0 {
				t.Errorf("%d datagrams are missing; %s", report.RTP.Lost, report.Verdict)
			}
			// A second of 3 Mb/s has 285 datagrams.
			for i, leg := range report.Legs {
				if leg.Lost < 200 || leg.Lost > 800 || report.Legs[1-i].Alone != leg.Lost || leg.SkewMS.P50 > 100 {
					t.Errorf("leg %d: %+v", i+1, leg)
				}
			}
		})
	}
}

// SMPTE 2022-1: what a lossy link takes, GStreamer's decoder gives back.
func TestFECRestoresALossyLink(t *testing.T) {
	long(t)
	l := newLab(t)
	tool(t, "gst-inspect-1.0", "rtpst2022-1-fecdec")
	for _, c := range []struct {
		fec   string
		clean bool
	}{{"includeFec=COLUMN_AND_ROW,columnDepth=8,rowLength=8", true}, {"none", false}} {
		file := filepath.Join(t.TempDir(), "received.ts")
		caps := "caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=MP2T,payload="
		args := []string{
			"timeout", "-s", "INT", "12", "gst-launch-1.0", "-qe", "rtpst2022-1-fecdec", "name=fec", "size-time=2000000000", "!",
			"rtpjitterbuffer", "latency=2000", "!", "rtpmp2tdepay", "!", "filesink", "location=" + file,
			"udpsrc", "port=5000", "buffer-size=4000000", caps + "33", "!", "queue", "!", "identity", "drop-probability=0.01", "!", "fec.sink",
			"udpsrc", "port=5002", "buffer-size=4000000", caps + "96", "!", "queue", "!", "fec.fec_0",
			"udpsrc", "port=5004", "buffer-size=4000000", caps + "96", "!", "queue", "!", "fec.fec_1",
		}
		receiver := l.in(l.left, args...)
		time.Sleep(2 * time.Second)
		sender := l.lilo("run", "--muxrate", "3M", patient, "--fec", c.fec, "--to", "rtp://10.7.1.2:5000")
		receiver.wait(t)
		sender.end()
		report, err := monitor.ReadFile(t.Context(), file, monitor.Options{})
		if err != nil {
			t.Fatalf("%v; %s", err, &receiver.err)
		}
		if report.Packets < 4000 || (report.Count(monitor.Continuity) == 0) != c.clean {
			t.Errorf("--fec %s: %d packets, %d errors of continuity", c.fec, report.Packets, report.Count(monitor.Continuity))
		}
	}
}

// A name is looked up again when its address fails, and that is told once.
func TestNameThatMoves(t *testing.T) {
	long(t)
	l := newLab(t)
	dir := "/etc/netns/" + l.sender
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Skipf("names of a namespace cannot be set: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	hosts := filepath.Join(dir, "hosts")
	point := func(address string) {
		if err := os.WriteFile(hosts, []byte(address+" receiver.example\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	point("10.7.1.2")
	sender := l.lilo("run", "--for", "20s", "--to", "rtp://receiver.example:5000") // Nobody listens: it is refused.
	time.Sleep(3 * time.Second)
	point("10.7.2.2")
	frames := l.capture(l.right, "vd", 20, "udp port 5000")
	time.Sleep(10 * time.Second) // The resolver reads the file every five seconds.
	if frames() == "" {
		t.Error("nothing comes to the new address")
	}
	sender.wait(t)
	const want = "receiver.example is sent to at 10.7.2.2 now, no longer at 10.7.1.2"
	if out := sender.out.String() + sender.err.String(); strings.Count(out, want) != 1 {
		t.Errorf("%q is not told once:\n%s", want, out)
	}
}
