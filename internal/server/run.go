package server

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// shutdownTime is how long requests may take to finish when the server ends.
const shutdownTime = 5 * time.Second

// Run serves until ctx is done. It then finishes the requests that it has, and
// takes the channels off air without changing their state, so that the next
// server continues them. Each value of reload makes it read the configuration
// again. It is called once.
func (s *Server) Run(ctx context.Context, reload <-chan os.Signal) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	tasks := tasks{fail: fail}
	tasks.start(ctx, "player", s.player.Run)
	tasks.start(ctx, "event bus", s.bus.Run)
	tasks.start(ctx, "record cache", s.records.Run)
	tasks.start(ctx, "supervisor", s.supervisor.Run)
	if s.fleet != nil {
		tasks.start(ctx, "fleet", func(ctx context.Context) error { return s.fleet.Run(ctx, s.supervisor) })
	}
	tasks.start(ctx, "console", s.console.Run)
	if state, ok := s.store.(State); ok {
		tasks.start(ctx, "state copies", func(ctx context.Context) error { return s.keepCopies(ctx, state) })
	}
	tasks.start(ctx, "certificate", s.keepCertificate)
	tasks.start(ctx, "wall clock", s.watchClock)
	web := newWebServer(ctx, s.handler, &s.cert, s.access.guard.limits, s.env.Log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := web.serve(s.listener); err != nil {
			fail(err)
		}
	}()
	s.configure(ctx, reload)
	notify(daemon.SdNotifyStopping)
	s.giveAway(ctx)
	web.shutdown(ctx)
	<-served
	tasks.stop()
	err := s.store.Close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// drainTime is how long a server that ends may take to give its channels to others.
const drainTime = 30 * time.Second

// giveAway gives this server's channels to others, if there are any.
func (s *Server) giveAway(ctx context.Context) {
	if s.fleet == nil || !errors.Is(context.Cause(ctx), context.Canceled) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	s.fleet.Drain(ctx)
}

// configure applies the configuration, and again after each reload, until ctx is done.
func (s *Server) configure(ctx context.Context, reload <-chan os.Signal) {
	if s.env.ConfigPath != "" {
		s.declared.apply(ctx, s.config.Channels, true)
	}
	s.health.configured.Store(true)
	notify(daemon.SdNotifyReady)
	var watching sync.WaitGroup
	defer watching.Wait()
	// A server that is stuck does not return from check.
	watching.Go(func() { watchdog(ctx, func() { s.health.check() }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-reload:
			s.reload(ctx)
		}
	}
}

// tasks are goroutines that run beside the web server. They end in the reverse
// order of their start, so that channels end before the player does.
type tasks struct {
	fail  context.CancelCauseFunc
	stops []func()
}

// start starts a task. If it ends before stop is called, the server fails.
func (t *tasks) start(ctx context.Context, name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := run(ctx)
		if ctx.Err() == nil {
			t.fail(errors.Join(errors.New("the "+name+" ended"), err))
		}
	}()
	t.stops = append(t.stops, func() {
		cancel()
		<-done
	})
}

func (t *tasks) stop() {
	for _, stop := range slices.Backward(t.stops) {
		stop()
	}
}
