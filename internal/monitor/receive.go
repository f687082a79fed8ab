package monitor

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// ReceiveOptions says how a stream is received, and what is looked at.
type ReceiveOptions struct {
	Options
	// For is how long to measure, from the first datagram on; 0 is until ctx ends.
	For time.Duration
	// Timeout is how long to wait for the first datagram. 0 stands for 5 s.
	Timeout time.Duration
	// OnSecond is called about once a second while measuring; nil for not at all.
	OnSecond func(Status)
	// OnListen is called once the socket is open, with its address; nil for not at all.
	OnListen func(net.Addr)
}

// Status is what is new in a live stream, for a line on a terminal.
type Status struct {
	// Elapsed is how long the stream has been measured.
	Elapsed time.Duration
	// BitRate is that of the datagrams since the last status.
	BitRate media.BitRate
	// Datagrams, Continuity, Lost and Errors count from the beginning.
	Datagrams, Continuity, Lost, Errors int64
	// JitterMS is the 99.9 % quantile of the PCR arrival jitter so far, in ms.
	JitterMS float64
}

const (
	firstWait  = 5 * time.Second
	readWindow = 250 * time.Millisecond
	// socketBuffer holds a quarter of a second at 1 Gb/s: a monitor that lost
	// packets itself would blame the stream.
	socketBuffer = 32 << 20
)

// Measure measures what is at a location as ParseLocation reads it: a file to
// its end, a stream until ctx ends or opts.For is over.
func Measure(ctx context.Context, location string, opts ReceiveOptions) (Report, error) {
	l, err := ParseLocation(location)
	if err != nil {
		return Report{}, err
	}
	if l.Path != "" {
		return ReadFile(ctx, l.Path, opts.Options)
	}
	return Receive(ctx, location, opts)
}

// Receive listens on an rtp:// or udp:// URL and measures what arrives until
// ctx ends or opts.For is over. The report is good beside an error too.
func Receive(ctx context.Context, location string, opts ReceiveOptions) (Report, error) {
	l, err := ParseLocation(location)
	if err != nil {
		return Report{}, err
	}
	if !l.Addr.IsValid() {
		return Report{}, fault.New(fault.Usage, "%s is no network address: give rtp://host:port or udp://host:port", location)
	}
	conn, err := listen(ctx, l)
	if err != nil {
		return Report{}, err
	}
	defer conn.Close()
	if opts.OnListen != nil {
		opts.OnListen(conn.LocalAddr())
	}
	if opts.Source == "" {
		opts.Source = location
	}
	r := newReceiver(conn, opts)
	err = r.run(ctx)
	return r.report(), err
}

// listen opens the socket and joins the group, if it is one.
func listen(ctx context.Context, l Location) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: control(l.Addr.Addr().IsMulticast())}
	pc, err := lc.ListenPacket(ctx, "udp", l.Addr.String())
	if err != nil {
		return nil, fault.New(fault.Destination,
			"cannot listen on %s: %w: give an address of this machine, or 0.0.0.0 for all, and a port that is free", l.Addr, err)
	}
	conn := pc.(*net.UDPConn)
	if err := join(conn, l); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func join(conn *net.UDPConn, l Location) error {
	if !l.Addr.Addr().IsMulticast() {
		return nil
	}
	var ifi *net.Interface
	if l.Interface != "" {
		var err error
		if ifi, err = net.InterfaceByName(l.Interface); err != nil {
			return fault.New(fault.Destination, "this machine has no network interface %s: choose another with iface=", l.Interface)
		}
	}
	group := &net.UDPAddr{IP: l.Addr.Addr().AsSlice()}
	err := joinGroup(conn, ifi, group, l.Addr.Addr().Is4())
	if err != nil {
		return fault.New(fault.Destination, "cannot join the group %s: %w: choose a network interface with iface=", l.Addr.Addr(), err)
	}
	return nil
}

func joinGroup(conn *net.UDPConn, ifi *net.Interface, group net.Addr, is4 bool) error {
	if is4 {
		return ipv4.NewPacketConn(conn).JoinGroup(ifi, group)
	}
	return ipv6.NewPacketConn(conn).JoinGroup(ifi, group)
}

// receiver reads datagrams from a socket into an analyzer.
type receiver struct {
	conn     *net.UDPConn
	opts     ReceiveOptions
	analyzer *Analyzer
	buf, oob []byte
	opened   time.Time
	first    time.Time
	// overrun counts datagrams that the socket had no room for.
	overrun int64
	told    time.Time
	bytes   int64
}

func newReceiver(conn *net.UDPConn, opts ReceiveOptions) *receiver {
	if opts.Timeout == 0 {
		opts.Timeout = firstWait
	}
	return &receiver{
		conn: conn, opts: opts, analyzer: NewAnalyzer(opts.Options),
		buf: make([]byte, 65536), oob: make([]byte, 256), opened: wallClock(),
	}
}

// wallClock is the one place that asks for the time: it stands in for the
// arrival times of kernels that give none, and bounds the waiting.
func wallClock() time.Time {
	return time.Now()
}

// run reads until ctx ends, the time is over, or nothing comes.
func (r *receiver) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = r.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for ctx.Err() == nil {
		over, err := r.step()
		if over || err != nil {
			return err
		}
	}
	return nil
}

// step reads datagrams for a moment, then looks at the time.
func (r *receiver) step() (over bool, err error) {
	now := wallClock()
	if err := r.conn.SetReadDeadline(now.Add(readWindow)); err != nil {
		return true, fault.New(fault.Stream, "receiving on %s: %w", r.conn.LocalAddr(), err)
	}
	for wallClock().Before(now.Add(readWindow)) {
		if err := r.read(); errors.Is(err, os.ErrDeadlineExceeded) {
			break
		} else if err != nil {
			return true, fault.New(fault.Stream, "receiving on %s: %w", r.conn.LocalAddr(), err)
		}
	}
	return r.look(wallClock())
}

// read takes one datagram.
func (r *receiver) read() error {
	n, on, _, _, err := r.conn.ReadMsgUDPAddrPort(r.buf, r.oob)
	if err != nil {
		return err
	}
	at, overrun, ok := ancillary(r.oob[:on])
	if !ok {
		at = wallClock()
	}
	r.overrun = max(r.overrun, overrun)
	if r.first.IsZero() {
		r.first, r.told = at, at
	}
	r.analyzer.Datagram(at, r.buf[:n])
	return nil
}

// look sees whether it is time for something: to give up, to tell, to end.
func (r *receiver) look(now time.Time) (over bool, err error) {
	if r.analyzer.packets == 0 && now.Sub(r.opened) >= r.opts.Timeout {
		return true, r.nothing()
	}
	if r.first.IsZero() {
		return false, nil
	}
	if r.opts.OnSecond != nil && now.Sub(r.told) >= time.Second {
		r.opts.OnSecond(r.status(now))
	}
	return r.opts.For > 0 && now.Sub(r.first) >= r.opts.For, nil
}

func (r *receiver) nothing() error {
	if r.first.IsZero() {
		return fault.New(fault.Stream,
			"nothing was received on %s within %v: check that it is sent to this address and port, "+
				"that no firewall drops it, and, for multicast, the interface (iface=)", r.opts.Source, r.opts.Timeout)
	}
	return notTS("what arrives on " + r.opts.Source)
}

func (r *receiver) status(now time.Time) Status {
	s := r.analyzer.status()
	s.Elapsed = now.Sub(r.first)
	if d := now.Sub(r.told); d > 0 {
		s.BitRate = media.BitRate(media.MulDiv((r.analyzer.net.bytes-r.bytes)*8, int64(time.Second), int64(d)))
	}
	r.told, r.bytes = now, r.analyzer.net.bytes
	return s
}

// status is the part of a Status that needs no time.
func (a *Analyzer) status() Status {
	s := Status{Datagrams: a.net.datagrams, Lost: max(a.net.lost, 0), Continuity: a.tally.counts[Continuity], Errors: max(a.net.lost, 0)}
	for _, n := range a.tally.counts {
		s.Errors += n
	}
	if in := a.clock.arrival.snapshot(); in.off.count > 0 {
		s.JitterMS = float64(in.off.quantile(.999)) / 1e6
	}
	return s
}

func (r *receiver) report() Report {
	report := r.analyzer.Report()
	if report.Network != nil {
		report.Network.Overrun = r.overrun
	}
	return report
}
