package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

// farewell is how long requests may take to finish once the server is to end.
const farewell = 5 * time.Second

// Run serves until ctx is done: it then takes no more requests, finishes those
// there are, and takes the channels off air without stopping them, so that the
// next server goes on with them. Each value of reload has the configuration
// read again. It is called once.
func (v *Server) Run(ctx context.Context, reload <-chan struct{}) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var running parts
	running.start(ctx, fail, "what is on air", v.air.Run)
	running.start(ctx, fail, "the events", v.bus.Run)
	running.start(ctx, fail, "the records", v.records.Run)
	running.start(ctx, fail, "the channels", v.super.Run)
	running.start(ctx, fail, "the console", v.console.Run)
	web := v.web(ctx)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := web.serve(netutil.LimitListener(v.listener, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			fail(err)
		}
	}()
	v.attend(ctx, reload)
	v.notifier.stopping(context.WithoutCancel(ctx))
	web.finish(ctx)
	<-served
	running.stop()
	err := v.store.Close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// attend sees to the configuration until ctx is done.
func (v *Server) attend(ctx context.Context, reload <-chan struct{}) {
	if v.s.ConfigPath != "" {
		v.declared.apply(ctx, v.config.Channels, true)
	}
	v.health.begun.Store(true)
	v.notifier.ready(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { v.notifier.watch(ctx, func() bool { return v.health.look().Channels >= 0 }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-reload:
			v.reload(ctx)
		}
	}
}

// parts are what runs beside the web server. They end in the reverse order of
// their start: channels go off air before what plays them ends.
type parts struct {
	stops []func()
}

// start runs a part; when it ends before it is told to, everything does.
func (p *parts) start(ctx context.Context, fail context.CancelCauseFunc, name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := run(ctx)
		if ctx.Err() == nil {
			fail(errors.Join(errors.New(name+" ended"), err))
		}
	}()
	p.stops = append(p.stops, func() {
		cancel()
		<-done
	})
}

func (p *parts) stop() {
	for _, stop := range slices.Backward(p.stops) {
		stop()
	}
}

// web is the HTTP server and what ends the streams it serves.
type web struct {
	http *http.Server
	hang context.CancelFunc
}

func (v *Server) web(ctx context.Context) *web {
	base, hang := context.WithCancel(context.WithoutCancel(ctx))
	w := &web{hang: hang, http: &http.Server{
		Handler: v.handler, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(v.s.Log.Handler(), slog.LevelDebug),
	}}
	if v.cert.Load() != nil {
		w.http.TLSConfig = &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return v.cert.Load(), nil },
		}
	}
	return w
}

func (w *web) serve(l net.Listener) error {
	if w.http.TLSConfig == nil {
		return w.http.Serve(l)
	}
	return w.http.ServeTLS(l, "", "")
}

// finish lets requests finish, but for streams, which have no end of their own.
func (w *web) finish(ctx context.Context) {
	w.hang()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if w.http.Shutdown(ctx) != nil {
		w.http.Close()
	}
}
