package console

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Options configures a Console.
type Options struct {
	Log *slog.Logger
	// Now is the wall clock; nil is the system's.
	Now func() time.Time
	// SourceHints are sentences that say which sources a channel may have. The form shows them.
	SourceHints []string
	// Browse says that there are folders to choose sources from.
	Browse bool
}

// Console serves the page, its requests and the previews. What moves is updated
// while Run runs.
type Console struct {
	backend  Backend
	operator Operator // nil if the backend is none
	opts     Options
	mux      *http.ServeMux
	assets   string
	history  *history
	hub      *hub

	measuring measuring
}

// New returns the console of a backend, which may be an Operator.
func New(b Backend, o Options) *Console {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	operator, _ := b.(Operator)
	c := &Console{backend: b, operator: operator, opts: o, mux: http.NewServeMux(), history: newHistory(), hub: newHub()}
	c.measuring = measuring{now: o.Now, all: map[string]*measurement{}}
	assets := newAssets()
	c.assets = assets.path()
	c.mux.HandleFunc("GET /{$}", assets.serveIndex)
	c.mux.HandleFunc("GET /assets/{hash}/{file...}", assets.serveFile)
	c.mux.HandleFunc("GET /console/events", c.serveEvents)
	c.mux.HandleFunc("GET /console/channels", c.serveChannels)
	c.mux.HandleFunc("GET /console/channels/{id}", c.onChannel(c.serveChannelInfo))
	c.mux.HandleFunc("GET /console/channels/{id}/history", c.onChannel(c.serveHistory))
	c.mux.HandleFunc("GET /console/channels/{id}/health", c.onChannel(c.serveHealth))
	c.mux.HandleFunc("GET /console/channels/{id}/export/{form}", c.onChannel(c.serveExport))
	c.mux.HandleFunc("GET /console/channels/{id}/log", c.onChannel(c.serveLog))
	c.mux.HandleFunc("GET /console/files", c.requireOperator(c.serveFiles))
	c.mux.HandleFunc("GET /console/channels/{id}/document", c.onChannel(c.serveDocument))
	c.mux.HandleFunc("GET /console/channels/{id}/sdp/{pipeline}", c.onChannel(serveSDP))
	c.mux.HandleFunc("GET /console/channels/{id}/sdp/{pipeline}/{destination}", c.onChannel(serveSDP))
	c.mux.HandleFunc("GET /console/channels/{id}/thumbnail", c.onChannel(c.serveThumbnail))
	c.mux.HandleFunc("PUT /console/channels/{id}/tags", c.requireOperator(c.tag))
	c.mux.HandleFunc("POST /console/probe", c.requireOperator(c.probe))
	c.mux.HandleFunc("POST /console/channels", c.requireOperator(c.create))
	c.mux.HandleFunc("PUT /console/channels/{id}", c.requireOperator(c.update))
	c.mux.HandleFunc("POST /console/channels/{id}/start", c.requireOperator(c.change(Operator.Start)))
	c.mux.HandleFunc("POST /console/channels/{id}/stop", c.requireOperator(c.change(Operator.Stop)))
	c.mux.HandleFunc("DELETE /console/channels/{id}", c.requireOperator(c.change(Operator.Delete)))
	c.mux.HandleFunc("POST /console/channels/{id}/restart", c.requireOperator(c.change(Operator.Restart)))
	c.mux.HandleFunc("POST /console/channels/{id}/lose", c.requireOperator(c.lose))
	c.mux.HandleFunc("GET /console/faults", c.requireOperator(c.serveFaults))
	c.mux.HandleFunc("PUT /console/faults", c.requireOperator(c.arm))
	c.mux.HandleFunc("/hls/{id}/{file...}", c.servePreview)
	return c
}

// Assets returns the path below which the page's files are, such as app.css.
func (c *Console) Assets() string { return c.assets }

// ServeHTTP answers under /, /assets/, /console/ and /hls/.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	// The browser may run and fetch only what comes from here. The one blob is the
	// Media Source of the preview, which has no worker.
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
		"media-src 'self' blob:", "worker-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.mux.ServeHTTP(w, r)
}

// Run samples the channels once a second and updates the pages that are open,
// until ctx is done; it then returns nil. It is called once.
func (c *Console) Run(ctx context.Context) error {
	defer c.hub.close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			all := c.backend.Channels()
			c.history.sample(c.opts.Now(), all)
			c.hub.publish(c.stateOf(all), true)
		case <-c.hub.refreshed:
			if c.hub.mayPublish(c.opts.Now()) {
				c.hub.publish(c.stateOf(c.backend.Channels()), false)
			}
		case p := <-c.hub.opened:
			c.hub.add(p, c.stateOf(c.backend.Channels()))
		case p := <-c.hub.closing:
			c.hub.remove(p)
		}
	}
}
