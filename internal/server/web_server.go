package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
)

// maxStreams is how many requests there may be on a connection of HTTP/2 at once.
const maxStreams = 100

// webServer is an HTTP server whose endless responses can be cut.
type webServer struct {
	http        *http.Server
	connections *connections
	cut         context.CancelFunc
}

// newWebServer returns a server for a handler. It uses TLS if there is a certificate.
func newWebServer(ctx context.Context, h http.Handler, cert *atomic.Pointer[tls.Certificate], limits limits, log *slog.Logger) *webServer {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	w := &webServer{cut: cut, connections: newConnections(limits), http: &http.Server{
		Handler: h, ReadHeaderTimeout: limits.header, IdleTimeout: limits.idle, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return base },
		ConnContext: withConnection,
		// A client that answers no ping is gone, whatever the streams of the connection wait for.
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams, SendPingTimeout: limits.body, PingTimeout: limits.header, WriteByteTimeout: limits.write,
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
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
	l = &listener{l, w.connections}
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
