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
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/admission"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server/api"
	"github.com/lilo-live/lilo/internal/server/auth"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/fleet"
	"github.com/lilo-live/lilo/internal/server/metric"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/server/supervisor"
	"github.com/lilo-live/lilo/internal/source"
)

// Environment is what a server uses of the process that it runs in.
type Environment struct {
	Log *slog.Logger
	// Print prints a line about a change of the configuration.
	Print func(line string)
	// Config is what the file at ConfigPath says; nil without one.
	Config     *Config
	ConfigPath string
	// Memory is how many bytes the process may use, 0 for no limit. What would need more
	// is refused.
	Memory int64
	// Version is the version of the program.
	Version string
	Machine Machine
}

// Server serves channels. Create one with New.
type Server struct {
	opts     Options
	env      Environment
	listener net.Listener
	cert     atomic.Pointer[tls.Certificate] // nil without TLS
	config   *Config

	store      store.Store
	fleet      *fleet.Fleet // nil where this server shares with no other
	transports sync.Map     // that call other nodes, by the certificate of these
	records    *record.Cache
	supervisor *supervisor.Supervisor
	service    *service.Service
	player     *player.Player
	bus        *event.Bus
	console    *console.Console
	armed      api.Armed
	thumbnails *api.Thumbnailer
	journal    *journal

	access   *access
	health   *health
	declared *declared
	handler  http.Handler
}

// New returns a server that listens. Run answers requests. Faults are of kind State
// if the state is damaged, Destination if the address cannot be listened at, and
// Usage otherwise.
func New(ctx context.Context, o Options, e Environment) (*Server, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	e.Machine = e.Machine.complete()
	kept := newJournal()
	e.Log = kept.logged(e.Log)
	s := &Server{opts: o, env: e, thumbnails: api.NewThumbnailer(), journal: kept, config: cmp.Or(e.Config, new(Config))}
	credentials, err := o.readCredentials()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.State, 0o700); err != nil {
		return nil, fault.New(fault.Usage, "--state %s cannot be made: %w", o.State, fault.Reason(err))
	}
	cert, err := o.certificate(e.Machine.Now())
	if err != nil {
		return nil, err
	}
	s.cert.Store(cert)
	// The listener comes first: an error about an address in use need not wait for the state.
	if s.listener, err = e.Machine.Listen(ctx, "tcp", o.Listen); err != nil {
		return nil, fault.New(fault.Destination, "--listen %s: %w", o.Listen, fault.Reason(err))
	}
	if err := s.openChannels(ctx); err != nil {
		return nil, errors.Join(err, s.listener.Close())
	}
	s.route(credentials)
	return s, nil
}

// openChannels opens what keeps and plays channels.
func (s *Server) openChannels(ctx context.Context) error {
	clip, err := s.opts.writeClip()
	if err != nil {
		return err
	}
	folders := append([]string{filepath.Dir(clip)}, s.opts.AllowFiles...)
	allowed := source.Options{
		AllowFiles: true, Folders: folders, Hosts: s.opts.AllowHosts,
		// Whoever may use an open server can reach this machine's private addresses without it.
		AllowPrivate: s.opts.AllowPrivate || s.opts.open(),
		API:          true,
	}
	sinks, err := s.opts.eventSinks(ctx, s.env.Log)
	if err != nil {
		return err
	}
	s.bus = event.NewBus(s.env.Log, sinks...)
	a := admission.New(admission.Default(s.env.Memory))
	playing := player.Options{
		Log: s.env.Log, Source: allowed, Admission: a,
		Password: func(name string) (string, error) { return auth.Parameter(s.opts.Parameters, name) },
		NewClock: s.env.Machine.NewClock, OpenSource: s.env.Machine.OpenSource, Dial: s.env.Machine.Dial,
	}
	if s.opts.Realtime {
		playing.NewClock = playout.NewRealtimeClock
	}
	if s.player, err = player.New(playing); err != nil {
		return err
	}
	length := func(ctx context.Context, spec channel.Spec) (time.Duration, error) {
		leave, err := a.Enter(admission.With(ctx, admission.Probe))
		if err != nil {
			return 0, err
		}
		defer leave()
		return player.OnceLength(ctx, spec, playing)
	}
	if err := s.openService(ctx, service.SourcePolicy{Folders: folders, Hosts: s.opts.AllowHosts}, length); err != nil {
		return err
	}
	p := provisioner{s.service, clip}
	s.declared = &declared{provisioner: p, print: s.print}
	s.health = &health{statuses: s.service.Channels.Statuses, failures: s.declared.failures}
	s.console = console.New(&consoleBackend{channels: s.service.Channels, hls: s.hls, provisioner: p, source: allowed, admission: a, opening: s.player.Opening, journal: s.journal, folders: s.opts.AllowFiles, thumbnail: s.thumbnails.Thumbnail, armed: &s.armed}, console.Options{
		Log: s.env.Log, SourceHints: s.opts.sourceHints(), Browse: len(s.opts.AllowFiles) > 0, Now: s.player.Now,
	})
	return nil
}

// openService opens the store and what works on it.
func (s *Server) openService(ctx context.Context, sources service.SourcePolicy, length func(context.Context, channel.Spec) (time.Duration, error)) (err error) {
	if s.store, err = s.openStore(ctx); err != nil {
		return err
	}
	if s.records, err = record.Open(ctx, s.store, record.Options{Log: s.env.Log, Now: s.player.Now}); err != nil {
		return errors.Join(err, s.store.Close())
	}
	origin := event.Origin{Account: s.opts.Account, Region: s.opts.Region}
	emit := func(kind string, d event.Detail) {
		s.journal.event(s.records.Now(), d)
		s.bus.Emit(origin.Event(kind, s.records.Now(), d))
	}
	playing := supervisor.Options{
		Log: s.env.Log, Store: s.store, Play: supervisor.Player(s.player), Emit: emit, Pacing: s.opts.Pacing,
	}
	if e, ok := s.store.(*etcd.Store); ok {
		if s.fleet, err = s.openFleet(ctx, e, sources.Folders); err != nil {
			return errors.Join(err, s.store.Close())
		}
		playing.Shared, playing.Leads, playing.Changed, playing.Elsewhere = true, s.fleet.Leads, s.fleet.Changed, s.fleet.Restart
	}
	s.supervisor = supervisor.New(s.records, playing)
	s.service = service.New(s.records, s.supervisor, service.Options{
		Length:   length,
		EgressIP: egressIP(ctx),
		Account:  s.opts.Account, Region: s.opts.Region, Sources: sources, Strict: s.opts.Strict, MaxChannels: s.opts.MaxChannels, Emit: emit,
	})
	return nil
}

// openStore opens what keeps the records.
func (s *Server) openStore(ctx context.Context) (store.Store, error) {
	if s.opts.Store == "" {
		return s.env.Machine.OpenState(s.opts.State)
	}
	at, err := etcd.Parse(s.opts.Store, s.opts.StoreFiles)
	if err != nil {
		return nil, fault.New(fault.Usage, "--store: %w", err)
	}
	e, err := etcd.Open(ctx, at, s.env.Log)
	if err != nil {
		return nil, fault.New(fault.Usage, "--store: %w", err)
	}
	return e, nil
}

// egressIP returns the address that this machine sends from to other networks, "" if it
// has none. Nothing is sent.
func egressIP(ctx context.Context) string {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", "192.0.2.1:9") // An address for documentation (RFC 5737).
	if err != nil {
		return ""
	}
	defer conn.Close()
	host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	return host
}

// print prints a line about the configuration, without the secrets of URLs.
func (s *Server) print(line string) { s.env.Print(redact(line)) }

// route makes the handler: what each path answers, and who may ask for it.
func (s *Server) route(c *credentials) {
	g := &guard{open: s.opts.open(), names: s.opts.Names, public: s.opts.PublicHLS, limits: defaultLimits(), log: s.env.Log}
	a := &access{guard: g, open: g.open, sessions: auth.NewSessions(), attempts: auth.NewAttempts(), assets: s.console.Assets(), now: s.env.Machine.Now}
	a.current.Store(c)
	s.access = a
	prod := a.requireSignature(api.New(s.service, api.Options{Log: s.env.Log, Version: s.env.Version, Thumbnail: s.thumbnails.Thumbnail, Armed: &s.armed}))
	measured := metric.Options{Statuses: s.service.Channels.Statuses, Events: s.bus.Stats, Now: s.player.Now}
	if s.fleet != nil {
		measured.Clock = func() (clocksync.State, map[string]clocksync.Peer) {
			c := s.fleet.Clock()
			return c.State, c.Peers
		}
	}
	metrics := a.requireViewer(metric.New(measured))
	page, hls, login := a.requireUser(s.console), a.requireViewer(s.console), a.loginHandler()
	if s.opts.PublicHLS {
		hls = s.console
	}
	// An http.ServeMux would redirect paths that are not clean, as those of tags are not.
	s.handler = g.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch first {
		case "prod":
			prod.ServeHTTP(w, r)
		case "healthz":
			s.health.serveAlive(w)
		case "readyz":
			_, known := a.session(r)
			s.health.serveReady(w, a.open || known)
		case "metrics":
			metrics.ServeHTTP(w, r)
		case "login", "logout":
			login.ServeHTTP(w, r)
		case "assets":
			s.console.ServeHTTP(w, r)
		case "hls":
			if s.fromNode(r) {
				s.console.ServeHTTP(w, r)
				return
			}
			hls.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	}))
}

// Info describes a server to the person who starts it.
type Info struct {
	// URL is its address for clients on this machine.
	URL string
	// State is its directory, Certificate the file of a certificate that it made itself.
	State, Certificate string
	// Fingerprint is the SHA-256 of its certificate, empty without TLS.
	Fingerprint string
	// Open says that everybody on this machine may do everything.
	Open bool
	// API and Console say which part can be used if it is not open.
	API, Console bool
	// Exposed says that passwords cross a network in clear text.
	Exposed bool
}

// Info returns what to tell the person who starts the server.
func (s *Server) Info() Info {
	i := Info{State: s.opts.State, Open: s.opts.open(), API: s.opts.Keys != "", Console: s.opts.Logins != ""}
	scheme := "http"
	if c := s.cert.Load(); c != nil {
		scheme, i.Fingerprint = "https", fingerprint(c)
	}
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	i.URL = scheme + "://" + net.JoinHostPort(host, port)
	if s.opts.TLSSelf {
		i.Certificate, _ = s.opts.ownCertificateFiles()
	}
	i.Exposed = scheme == "http" && !s.opts.loopback() && i.Console
	return i
}
