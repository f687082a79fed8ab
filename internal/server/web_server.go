package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

	"golang.org/x/net/netutil"
)

// webServer is an HTTP server whose endless responses can be cut.
type webServer struct {
	http *http.Server
	cut  context.CancelFunc
}

// newWebServer returns a server for a handler. It uses TLS if there is a certificate.
func newWebServer(ctx context.Context, h http.Handler, cert *atomic.Pointer[tls.Certificate], log *slog.Logger) *webServer {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	w := &webServer{cut: cut, http: &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
	if cert.Load() != nil {
		w.http.TLSConfig = &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert.Load(), nil },
		}
	}
	return w
}

// serve answers requests until shutdown is called.
func (w *webServer) serve(l net.Listener) error {
	l = netutil.LimitListener(l, maxConnections)
	serve := w.http.Serve
	if w.http.TLSConfig != nil {
		serve = func(l net.Listener) error { return w.http.ServeTLS(l, "", "") }
	}
	err := serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// shutdown lets requests finish, except for event streams, which it cuts.
func (w *webServer) shutdown(ctx context.Context) {
	w.cut()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if w.http.Shutdown(ctx) != nil {
		w.http.Close()
	}
}
