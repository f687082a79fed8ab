package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/metric"
	"github.com/lilo-live/lilo/internal/server/service"
)

// ConsoleServer serves the console of a channel that the caller plays. Nothing can
// be changed there.
type ConsoleServer struct {
	listener net.Listener
	exposed  bool
	public   bool   // pages of other servers may play the HLS
	host     string // as it was given
}

// ListenConsole listens at an address; Run answers. An address without a host, such as
// :8080, is reachable from this machine only. publicHLS lets pages of other servers play
// the HLS. Faults are of kind Usage, or Destination if the address cannot be listened at.
func ListenConsole(ctx context.Context, address string, publicHLS bool) (*ConsoleServer, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return nil, fault.New(fault.Usage, "--http: %q is not an address to listen on: write :8080, or 192.0.2.1:8080 to let others see it", address)
	}
	c := &ConsoleServer{host: host, public: publicHLS}
	if host == "" {
		host = "127.0.0.1"
	}
	if c.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port)); err != nil {
		return nil, fault.New(fault.Destination, "--http %s: %w", address, fault.Reason(err))
	}
	a, _ := netip.ParseAddrPort(c.listener.Addr().String())
	c.exposed = !a.Addr().IsLoopback()
	return c, nil
}

// URL returns the address for a browser on this machine.
func (c *ConsoleServer) URL() string {
	a, _ := netip.ParseAddrPort(c.listener.Addr().String())
	if a.Addr().IsUnspecified() {
		a = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return "http://" + a.String() + "/"
}

// Exposed reports whether other machines reach it.
func (c *ConsoleServer) Exposed() bool { return c.exposed }

// Close stops listening. It is needed only if Run is not called.
func (c *ConsoleServer) Close() error { return c.listener.Close() }

// Run serves the console of a backend, the metrics of its channels and /healthz until ctx
// is done. It is called once.
func (c *ConsoleServer) Run(ctx context.Context, b console.Backend, statuses func() []service.Status, log *slog.Logger) error {
	page := console.New(b, console.Options{Log: log})
	// Only the given name is accepted, since any other could have been made to lead
	// here (DNS rebinding). An address cannot.
	g := &guard{open: true, addresses: c.exposed, names: []string{c.host}, public: c.public, limits: defaultLimits(), log: log}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := http.NewServeMux()
	all.Handle("/", page)
	all.Handle("GET /metrics", metric.New(metric.Options{Statuses: statuses}))
	all.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { new(health).serveAlive(w) })
	web := newWebServer(ctx, g.wrap(all), new(atomic.Pointer[tls.Certificate]), g.limits, log)
	updated, served := make(chan error, 1), make(chan error, 1)
	go func() { updated <- page.Run(ctx) }()
	go func() {
		defer cancel()
		served <- web.serve(c.listener)
	}()
	<-ctx.Done()
	web.shutdown(ctx)
	return errors.Join(<-served, <-updated)
}
