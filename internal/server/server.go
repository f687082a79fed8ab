package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/smithy-go/logging"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/api"
	"github.com/lilo-live/lilo/internal/server/auth"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/metric"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
	"github.com/lilo-live/lilo/internal/server/supervisor"
	"github.com/lilo-live/lilo/internal/source"
)

// Environment is what a server touches of the world around it.
type Environment struct {
	Log *slog.Logger
	// Getenv reads an environment variable, as os.Getenv does.
	Getenv func(string) string
	// Print is called with a line for people when something about the
	// configuration changed.
	Print func(line string)
	// Config is what the file of that path said, nil without one.
	Config     *Config
	ConfigPath string
	// Version is what the program calls itself.
	Version string
}

// Server is many channels, and who may ask for them.
type Server struct {
	o        Options
	s        Environment
	listener net.Listener
	cert     atomic.Pointer[tls.Certificate]
	config   *Config
	access   *access
	health   *health
	declared *declared
	store    store.Store
	records  *record.Cache
	super    *supervisor.Supervisor
	service  *service.Service
	air      *player.Player
	bus      *event.Bus
	console  *console.Console
	notifier notifier

	// Who may ask for what is looked at in front of each of these.
	api, metrics, login, page, media http.Handler
	handler                          http.Handler
}

// New returns a server that listens, and answers nobody before Run. Faults are
// of kind Usage, or Destination where the address cannot be had.
func New(ctx context.Context, o Options, s Environment) (*Server, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	v := &Server{o: o, s: s, config: cmp.Or(s.Config, new(Config)), notifier: newNotifier(s.Getenv)}
	credentials, err := o.readCredentials()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.State, 0o700); err != nil {
		return nil, fault.New(fault.Usage, "--state %s cannot be made: %w", o.State, reason(err))
	}
	cert, err := o.certificate(time.Now())
	if err != nil {
		return nil, err
	}
	v.cert.Store(cert)
	if err := v.open(ctx); err != nil {
		return nil, err
	}
	v.guardWith(credentials)
	v.handler = v.access.guard.around(http.HandlerFunc(v.route))
	return v, nil
}

// open opens what the server holds: the listener first, since whoever started
// it on an address that is taken need not wait for the state.
func (v *Server) open(ctx context.Context) (err error) {
	if v.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", v.o.Listen); err != nil {
		return fault.New(fault.Destination, "--listen %s: %w", v.o.Listen, systemCause(err))
	}
	if err = v.openChannels(ctx); err != nil {
		v.listener.Close()
	}
	return err
}

// systemCause is what the system said of an address.
func systemCause(err error) error {
	if s, ok := errors.AsType[*os.SyscallError](err); ok {
		return s.Err
	}
	return err
}

// openChannels opens what plays and keeps channels.
func (v *Server) openChannels(ctx context.Context) error {
	clip, err := v.o.putClip()
	if err != nil {
		return err
	}
	folders := append([]string{filepath.Dir(clip)}, v.o.AllowFiles...)
	allowed := v.o.sources(folders)
	sinks, err := v.o.sinks(ctx, v.s.Log)
	if err != nil {
		return err
	}
	v.bus = event.NewBus(v.s.Log, sinks...)
	if v.air, err = player.New(player.Options{Log: v.s.Log, Source: allowed}); err != nil {
		return err
	}
	if err := v.openService(ctx, service.SourcePolicy{Folders: folders, Hosts: v.o.AllowHosts}); err != nil {
		return err
	}
	m := maker{v.service, clip}
	v.declared = &declared{maker: m, tell: v.tell}
	v.health = &health{statuses: v.service.Channels.Statuses, failures: v.declared.failures}
	v.console = console.New(&station{channels: v.service.Channels, maker: m, source: allowed}, console.Options{Log: v.s.Log, Sources: v.o.sourceTexts()})
	return nil
}

// openService opens the store, and what works on it.
func (v *Server) openService(ctx context.Context, sources service.SourcePolicy) (err error) {
	if v.store, err = bolt.Open(v.o.State); err != nil {
		return err
	}
	if v.records, err = record.Open(ctx, v.store, record.Options{Log: v.s.Log}); err != nil {
		return errors.Join(err, v.store.Close())
	}
	origin := event.Origin{Account: v.o.Account, Region: v.o.Region}
	emit := func(kind string, d event.Detail) { v.bus.Emit(origin.Event(kind, v.records.Now(), d)) }
	v.super = supervisor.New(v.records, supervisor.Options{
		Log: v.s.Log, Play: supervisor.Player(v.air), Allow: sources.Allow, Emit: emit, Pacing: v.o.Pacing,
	})
	v.service = service.New(v.records, v.super, service.Options{
		Account: v.o.Account, Region: v.o.Region, Sources: sources, Strict: v.o.Strict, MaxChannels: v.o.MaxChannels, Emit: emit,
	})
	return nil
}

// tell says a line about the configuration, without the secrets of URLs.
func (v *Server) tell(line string) { v.s.Print(scrub(line)) }

// sources returns what sources may be. Who may ask from this machine alone,
// and is not known, can open its private addresses without us just as well.
func (o *Options) sources(folders []string) source.Options {
	return source.Options{AllowFiles: true, Folders: folders, Hosts: o.AllowHosts, AllowPrivate: o.AllowPrivate || o.open()}
}

// sinks returns where events go.
func (o *Options) sinks(ctx context.Context, log *slog.Logger) ([]event.Sink, error) {
	var sinks []event.Sink
	if o.EventsLog {
		sinks = append(sinks, event.Log{Log: log})
	}
	if o.Webhook != "" {
		hook, err := event.NewWebhook(o.Webhook)
		if err != nil {
			return nil, err
		}
		sinks = append(sinks, hook)
	}
	if o.EventBridge != "" {
		client, err := o.eventBridge(ctx)
		if err != nil {
			return nil, err
		}
		from := ""
		if strings.Contains(o.EventBridge, ".amazonaws.com") {
			from = "lilo.medialive" // AWS refuses events that name AWS as their source.
		}
		sinks = append(sinks, event.NewEventBridge(client, from))
	}
	return sinks, nil
}

// eventBridge returns a client of the endpoint. Where there are no credentials
// it asks without: an emulator does not mind.
func (o *Options) eventBridge(ctx context.Context) (*eventbridge.Client, error) {
	c, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(o.Region), awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fault.New(fault.Usage, "--eventbridge-endpoint: the AWS configuration cannot be read: %w", err)
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		c.Credentials = aws.AnonymousCredentials{}
	}
	return eventbridge.NewFromConfig(c, func(e *eventbridge.Options) { e.BaseEndpoint = &o.EventBridge }), nil
}

func (v *Server) guardWith(c *credentials) {
	g := &guard{open: v.o.open(), names: v.o.Names, public: v.o.PublicHLS, log: v.s.Log}
	v.access = &access{guard: g, open: g.open, sessions: auth.NewSessions(), attempts: auth.NewAttempts(), now: time.Now}
	v.access.current.Store(c)
	logins := http.NewServeMux()
	v.access.routes(logins)
	v.api = v.access.signed(api.New(v.service, api.Options{Log: v.s.Log, Version: v.s.Version, Thumbnail: api.NewThumbnailer().Thumbnail}))
	v.metrics = v.access.viewer(metric.New(metric.Options{Statuses: v.service.Channels.Statuses, Events: v.bus.Stats}))
	v.login = logins
	v.page = v.access.person(v.console)
	v.media = v.access.viewer(v.console)
	if v.o.PublicHLS {
		v.media = v.console
	}
}

// route gives a request to the part of the server that answers it. A
// http.ServeMux would redirect paths that are not clean, and those of tags are not.
func (v *Server) route(w http.ResponseWriter, r *http.Request) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "prod":
		v.api.ServeHTTP(w, r)
	case "healthz":
		v.health.alive(w)
	case "readyz":
		_, known := v.access.session(r)
		v.health.ready(w, v.access.open || known)
	case "metrics":
		v.metrics.ServeHTTP(w, r)
	case "login", "login.css", "logout":
		v.login.ServeHTTP(w, r)
	case "assets":
		v.console.ServeHTTP(w, r)
	case "hls":
		v.media.ServeHTTP(w, r)
	default:
		v.page.ServeHTTP(w, r)
	}
}

func (v *Server) address() string {
	scheme := "http"
	if v.cert.Load() != nil {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(v.listener.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Info is what is to be known of a server that is about to serve.
type Info struct {
	// URL is what clients on this machine reach it by.
	URL string
	// State is its directory, Certificate the file of its own certificate, if it made one.
	State, Certificate string
	// Fingerprint is the SHA-256 of its certificate, nothing without TLS.
	Fingerprint string
	// Open is that everybody on this machine may do everything.
	Open bool
	// API and Console tell which part can be used, where not everybody may.
	API, Console bool
	// Exposed is that passwords would cross a network as they are.
	Exposed bool
}

// Info returns what is to be known of the server.
func (v *Server) Info() Info {
	a := Info{
		URL: v.address(), State: v.o.State, Fingerprint: v.fingerprint(), Open: v.o.open(), API: v.o.Keys != "", Console: v.o.Logins != "",
	}
	if v.o.TLSSelf {
		a.Certificate, _ = v.o.ownFiles()
	}
	a.Exposed = a.Fingerprint == "" && !v.o.loopback() && a.Console
	return a
}

func (v *Server) fingerprint() string {
	if c := v.cert.Load(); c != nil {
		return fingerprint(c)
	}
	return ""
}
