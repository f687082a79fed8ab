package monitor

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// ReceiveOptions configures Measure. Files use only Options.
type ReceiveOptions struct {
	Options
	// For is how long to measure from the first datagram on, 0 until ctx is done.
	For time.Duration
	// Timeout is how long to wait for the first datagram. 0 stands for 5 s.
	Timeout time.Duration
	// OnSecond, unless nil, is called about once a second while measuring.
	OnSecond func(Status)
	// OnListen, unless nil, is called once the socket is open, with its address.
	OnListen func(net.Addr)
}

// Status is the state of a live measurement, for a line on a terminal.
type Status struct {
	// Elapsed is how long the stream has been measured so far.
	Elapsed time.Duration
	// BitRate is that of the datagrams since the last status.
	BitRate media.BitRate
	// Datagrams, Continuity (errors of that check), Lost (RTP packets) and Errors
	// count from the beginning.
	Datagrams, Continuity, Lost, Errors int64
	// JitterMS is the 99.9 % quantile of the PCR arrival jitter so far, in ms.
	JitterMS float64
}

const (
	firstWait  = 5 * time.Second
	readWindow = 250 * time.Millisecond
	// ReceiveBuffer holds a quarter of a second at 1 Gb/s, so that the monitor
	// does not lose packets itself.
	ReceiveBuffer = 32 << 20
)

// Measure measures a file, given by its path or URL, to its end, or what arrives on
// rtp://HOST:PORT or udp://HOST:PORT until ctx is done or opts.For has passed.
// ?iface=NAME chooses the network interface for a multicast group. Several
// rtp:// URLs are legs of one stream, which is reconstructed from them (SMPTE 2022-7). The report is
// valid beside an error too.
func Measure(ctx context.Context, sources []string, opts ReceiveOptions) (Report, error) {
	if len(sources) > 1 {
		return measureLegs(ctx, sources, opts)
	}
	source := sources[0]
	l, err := parseLocation(source)
	if err != nil {
		return Report{}, err
	}
	if l.path != "" {
		return ReadFile(ctx, l.path, opts.Options)
	}
	conn, err := listen(ctx, l)
	if err != nil {
		return Report{}, err
	}
	defer conn.Close()
	if opts.OnListen != nil {
		opts.OnListen(conn.LocalAddr())
	}
	opts.Source = cmp.Or(opts.Source, source)
	r := newReceiver(conn, opts)
	err = r.run(ctx)
	return r.report(), err
}

// listen opens the socket for l.
func listen(ctx context.Context, l location) (*listener, error) {
	lc := net.ListenConfig{Control: control(l.addr.Addr().IsMulticast())}
	pc, err := lc.ListenPacket(ctx, "udp", l.addr.String())
	if err != nil {
		return nil, fault.New(fault.Destination,
			"cannot listen on %s: %w: give an address of this machine, or 0.0.0.0 for all, and a port that is free", l.addr, err)
	}
	conn := &listener{UDPConn: pc.(*net.UDPConn)}
	if err := join(conn, l); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// join joins the multicast group of l, if it is one.
func join(conn *listener, l location) error {
	if !l.addr.Addr().IsMulticast() {
		return nil
	}
	var ifi *net.Interface
	if l.iface != "" {
		if ifi = interfaceOf(l.iface); ifi == nil {
			return fault.New(fault.Destination, "this machine has no network interface %s: choose another with iface=", l.iface)
		}
	}
	group := &net.UDPAddr{IP: l.addr.Addr().AsSlice()}
	joinGroup := ipv6.NewPacketConn(conn.UDPConn).JoinGroup
	if l.addr.Addr().Is4() {
		joinGroup = ipv4.NewPacketConn(conn.UDPConn).JoinGroup
	} else {
		conn.only(ifi)
	}
	if err := joinGroup(ifi, group); err != nil {
		return fault.New(fault.Destination, "cannot join the group %s: %w: choose a network interface with iface=", l.addr.Addr(), err)
	}
	return nil
}

// interfaceOf returns the interface of that name or with that address, nil if there is none.
func interfaceOf(text string) *net.Interface {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for i := range all {
		if all[i].Name == text {
			return &all[i]
		}
		addresses, err := all[i].Addrs()
		if err == nil && slices.ContainsFunc(addresses, func(a net.Addr) bool {
			ip, _, _ := strings.Cut(a.String(), "/")
			return ip == text
		}) {
			return &all[i]
		}
	}
	return nil
}

// receiver reads datagrams from a socket into an analyzer.
type receiver struct {
	conn     *listener
	opts     ReceiveOptions
	analyzer *Analyzer
	buf, oob []byte
	opened   time.Time
	first    time.Time
	overrun  int64 // datagrams that the socket had no room for
	// Of the last status.
	statusAt    time.Time
	statusBytes int64
}

func newReceiver(conn *listener, opts ReceiveOptions) *receiver {
	opts.Timeout = cmp.Or(opts.Timeout, firstWait)
	return &receiver{
		conn: conn, opts: opts, analyzer: NewAnalyzer(opts.Options),
		buf: make([]byte, 65536), oob: make([]byte, 256), opened: time.Now(),
	}
}

// run reads until ctx is done, the time is over, or nothing arrives.
func (r *receiver) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = r.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for ctx.Err() == nil {
		if err := r.readFor(readWindow); err != nil {
			return fault.New(fault.Stream, "receiving on %s: %w", r.conn.LocalAddr(), err)
		}
		if over, err := r.check(time.Now()); over || err != nil {
			return err
		}
	}
	return nil
}

// readFor reads datagrams for a while.
func (r *receiver) readFor(d time.Duration) error {
	end := time.Now().Add(d)
	if err := r.conn.SetReadDeadline(end); err != nil {
		return err
	}
	for time.Now().Before(end) {
		if err := r.read(); errors.Is(err, os.ErrDeadlineExceeded) {
			break
		} else if err != nil {
			return err
		}
	}
	return nil
}

// read reads one datagram.
func (r *receiver) read() error {
	n, at, overrun, err := r.conn.read(r.buf, r.oob)
	if err != nil {
		return err
	}
	r.overrun = max(r.overrun, overrun)
	if r.first.IsZero() {
		r.first, r.statusAt = at, at
	}
	r.analyzer.Datagram(at, r.buf[:n])
	return nil
}

// check gives up if nothing arrived in time, emits a status once a second, and
// reports whether the measurement is over.
func (r *receiver) check(now time.Time) (over bool, err error) {
	switch {
	case r.analyzer.packets == 0 && now.Sub(r.opened) >= r.opts.Timeout && r.first.IsZero():
		return true, fault.New(fault.Stream,
			"nothing was received on %s within %v: check that it is sent to this address and port, "+
				"that no firewall drops it, and, for multicast, the interface (iface=)", r.opts.Source, r.opts.Timeout)
	case r.analyzer.packets == 0 && now.Sub(r.opened) >= r.opts.Timeout:
		return true, notTS("what arrives on " + r.opts.Source)
	case r.first.IsZero():
		return false, nil
	}
	if r.opts.OnSecond != nil && now.Sub(r.statusAt) >= time.Second {
		r.opts.OnSecond(r.status(now))
	}
	return r.opts.For > 0 && now.Sub(r.first) >= r.opts.For, nil
}

// status returns the status and begins the next interval.
func (r *receiver) status(now time.Time) Status {
	s := r.analyzer.status()
	s.Elapsed = now.Sub(r.first)
	bytes := r.analyzer.net.datagrams.Bytes
	if d := now.Sub(r.statusAt); d > 0 {
		s.BitRate = media.BitRate(media.MulDiv((bytes-r.statusBytes)*8, int64(time.Second), int64(d)))
	}
	r.statusAt, r.statusBytes = now, bytes
	return s
}

// status returns the part of a Status that needs no time.
func (a *Analyzer) status() Status {
	lost := max(a.net.rtp.Lost, 0)
	s := Status{Datagrams: a.net.datagrams.Datagrams, Lost: lost, Continuity: a.errs.counts[Continuity], Errors: lost}
	for _, n := range a.errs.counts {
		s.Errors += n
	}
	if j := a.clock.jitter.snapshot(); j.off.count > 0 {
		s.JitterMS = float64(j.off.quantile(.999)) / 1e6
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
