package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"

	"golang.org/x/net/netutil"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/console"
)

// ConsoleServer is the console of a channel that somebody else plays: whoever gets
// there may look, and nobody may change anything.
type ConsoleServer struct {
	listener net.Listener
	exposed  bool
	host     string // as it was given
}

// ListenConsole listens; nobody is answered before Run. An address without a host,
// as :8080, is this machine's alone: only who names another shows the channel
// to others. Faults are of kind Usage, or Destination where the address cannot be had.
func ListenConsole(ctx context.Context, address string) (*ConsoleServer, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return nil, fault.New(fault.Usage, "--http: %q is no address to listen on: write :8080, or 192.0.2.1:8080 for others to see it", address)
	}
	w := &ConsoleServer{host: host}
	if host == "" {
		host = "127.0.0.1"
	}
	if w.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port)); err != nil {
		return nil, fault.New(fault.Destination, "--http %s: %w", address, systemCause(err))
	}
	a, _ := netip.ParseAddrPort(w.listener.Addr().String())
	w.exposed = !a.Addr().Unmap().IsLoopback()
	return w, nil
}

// URL is what a browser on this machine reaches it by.
func (w *ConsoleServer) URL() string {
	a, _ := netip.ParseAddrPort(w.listener.Addr().String())
	if a.Addr().IsUnspecified() {
		a = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return "http://" + a.String() + "/"
}

// Exposed tells whether other machines reach it.
func (w *ConsoleServer) Exposed() bool { return w.exposed }

// Close stops listening where Run was not called.
func (w *ConsoleServer) Close() error { return w.listener.Close() }

// Run shows the backend until ctx is done. It is called once.
func (w *ConsoleServer) Run(ctx context.Context, b console.Backend, log *slog.Logger) error {
	screen := console.New(b, console.Options{Log: log})
	// Names are refused but for those we know, since somebody else's could lead
	// here (DNS rebinding); an address is nobody's to turn.
	g := &guard{open: true, addresses: w.exposed, names: []string{w.host}, log: log}
	v := &Server{s: Environment{Log: log}, handler: g.around(screen)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	looking, served := make(chan error, 1), make(chan error, 1)
	web := v.web(ctx)
	go func() { looking <- screen.Run(ctx) }()
	go func() {
		err := web.serve(netutil.LimitListener(w.listener, maxConnections))
		cancel()
		served <- err
	}()
	<-ctx.Done()
	web.finish(ctx)
	err := <-served
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, <-looking)
}
