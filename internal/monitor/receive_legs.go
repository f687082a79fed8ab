package monitor

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// arrival is a datagram of a leg, or the error that ends it.
type arrival struct {
	leg     int
	at      time.Time
	data    []byte
	overrun int64
	err     error
}

// measureLegs measures the stream that several legs carry.
func measureLegs(ctx context.Context, sources []string, opts ReceiveOptions) (Report, error) {
	conns, err := listenLegs(ctx, sources)
	if err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	arrivals, closed := make(chan arrival, 1024), make(chan struct{}, len(conns))
	for i, conn := range conns {
		go func() {
			readLeg(ctx, i, conn, arrivals)
			closed <- struct{}{}
		}()
	}
	defer func() {
		cancel()
		for range conns {
			<-closed
		}
	}()
	opts.Source = cmp.Or(opts.Source, strings.Join(sources, " and "))
	opts.Timeout = cmp.Or(opts.Timeout, firstWait)
	r := &receiver{opts: opts, analyzer: NewAnalyzer(opts.Options), opened: time.Now()}
	var legs []LegReport
	for i, source := range sources {
		legs = append(legs, LegReport{Source: source})
		if opts.OnListen != nil {
			opts.OnListen(conns[i].LocalAddr())
		}
	}
	merged := newReconstruction(legs, r.analyzer.Datagram)
	err = r.runLegs(ctx, merged, arrivals)
	merged.flush()
	report := r.report()
	report.Legs = merged.reports()
	if wrong := merged.verdict(); wrong != nil {
		err = wrong
	}
	return report, err
}

// verdict reports legs that do not carry one stream.
func (r *reconstruction) verdict() error {
	foreign := int64(0)
	for i := range r.legs {
		foreign += r.legs[i].report.Foreign
	}
	switch {
	case r.foreign > 0:
		return fault.New(fault.Stream, "%d datagrams are not RTP, which alone numbers them: give one URL only", r.foreign)
	case r.different > 0:
		return fault.New(fault.Stream, "%d datagrams of one number differ: the legs are not one stream", r.different)
	case foreign > 0 || r.restarts > 1:
		return fault.New(fault.Stream, "the legs are different streams (other SSRC or sequence numbers): give the URLs of one")
	}
	return nil
}

func listenLegs(ctx context.Context, sources []string) (all []*listener, err error) {
	defer func() {
		if err != nil {
			for _, conn := range all {
				_ = conn.Close()
			}
		}
	}()
	if len(sources) > MaxLegs {
		return nil, fault.New(fault.Usage, "%d URLs: a stream is reconstructed from %d at most", len(sources), MaxLegs)
	}
	for _, source := range sources {
		l, err := parseLocation(source)
		if err != nil {
			return all, err
		}
		if l.path != "" || !strings.HasPrefix(strings.ToLower(source), "rtp:") {
			return all, fault.New(fault.Usage, "%s: a stream is reconstructed from several rtp:// URLs only, because RTP alone numbers datagrams", source)
		}
		conn, err := listen(ctx, l)
		if err != nil {
			return all, err
		}
		all = append(all, conn)
	}
	return all, nil
}

// readLeg reads the datagrams of a leg until ctx is done, and closes its socket.
func readLeg(ctx context.Context, leg int, conn *listener, to chan<- arrival) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	defer conn.Close()
	buf, oob := make([]byte, 65536), make([]byte, 256)
	for ctx.Err() == nil {
		n, at, overrun, err := conn.read(buf, oob)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		a := arrival{leg: leg, err: err}
		if err == nil {
			a = arrival{leg: leg, at: at, overrun: overrun, data: append([]byte(nil), buf[:n]...)}
		}
		select {
		case to <- a:
		case <-ctx.Done():
		}
		if err != nil {
			return
		}
	}
}

// legTick is how often datagrams that do not come are given up.
const legTick = 20 * time.Millisecond

// runLegs feeds the reconstruction until ctx is done, the time is over, or nothing arrives.
func (r *receiver) runLegs(ctx context.Context, merged *reconstruction, arrivals <-chan arrival) error {
	tick := time.NewTicker(legTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-arrivals:
			if a.err != nil {
				return fault.New(fault.Stream, "receiving on %s: %w", merged.legs[a.leg].report.Source, a.err)
			}
			overrun := &merged.legs[a.leg].report.Overrun
			*overrun = max(*overrun, a.overrun)
			merged.datagram(a.leg, a.at, a.data)
			if r.first.IsZero() && !merged.delivered.IsZero() {
				r.first, r.statusAt = a.at, a.at
			}
		case now := <-tick.C:
			merged.advance(now)
			if over, err := r.check(now); over || err != nil {
				return err
			}
		}
	}
}
