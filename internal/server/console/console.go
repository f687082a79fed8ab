package console

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Options is what there is to say about a Console.
type Options struct {
	Log *slog.Logger
	// Now tells the time; nil is the system's.
	Now func() time.Time
	// Sources says, a sentence each, which sources a channel may have; the form shows them.
	Sources []string
}

// Console serves the page, what it asks for, and the previews. It shows
// nothing that moves before Run runs.
type Console struct {
	backend  Backend
	operator Operator // nil if nothing can be changed
	opts     Options
	page     *page
	mux      *http.ServeMux
	history  *history
	hub      *hub
}

// New returns the console of a backend, which may be an Operator. It starts nothing.
func New(b Backend, o Options) *Console {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	operator, _ := b.(Operator)
	c := &Console{backend: b, operator: operator, opts: o, page: newPage(), mux: http.NewServeMux(), history: newHistory(), hub: newHub()}
	c.routes()
	return c
}

func (c *Console) routes() {
	c.mux.HandleFunc("GET /{$}", c.page.index)
	c.mux.HandleFunc("GET /assets/{hash}/{file...}", c.page.asset)
	c.mux.HandleFunc("GET /console/events", c.events)
	c.mux.HandleFunc("GET /console/channels", c.list)
	c.mux.HandleFunc("GET /console/channels/{id}", c.detail)
	c.mux.HandleFunc("GET /console/channels/{id}/history", c.past)
	c.mux.HandleFunc("GET /console/channels/{id}/document", c.document)
	c.mux.HandleFunc("GET /console/channels/{id}/sdp/{pipeline}/{destination}", c.sdp)
	c.mux.HandleFunc("POST /console/probe", c.operate(c.probe))
	c.mux.HandleFunc("POST /console/channels", c.operate(c.create))
	c.mux.HandleFunc("POST /console/channels/{id}/start", c.operate(c.do(Operator.Start)))
	c.mux.HandleFunc("POST /console/channels/{id}/stop", c.operate(c.do(Operator.Stop)))
	c.mux.HandleFunc("DELETE /console/channels/{id}", c.operate(c.do(Operator.Delete)))
	c.mux.HandleFunc("/hls/{id}/{file...}", c.preview)
}

// ServeHTTP answers under /, /assets/, /console/ and /hls/.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	harden(w.Header())
	c.mux.ServeHTTP(w, r)
}

// harden has the browser run and fetch nothing but what comes from here. The
// player's Media Source is the one blob there is; it has no worker.
func harden(h http.Header) {
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
		"media-src 'self' blob:", "worker-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// preview serves the HLS of a channel that is on air.
func (c *Console) preview(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	h := c.backend.HLS(id)
	if h == nil {
		http.Error(w, "no channel "+id+" is on air", http.StatusNotFound)
		return
	}
	http.StripPrefix("/hls/"+id, h).ServeHTTP(w, r)
}

// Run samples the channels once a second and tells the pages that watch, until
// ctx is done; it returns nil then. It is called once.
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
			c.hub.publish(c.frame(all), true)
		case <-c.hub.poked:
			if c.hub.due(c.opts.Now()) {
				c.hub.publish(c.frame(c.backend.Channels()), false)
			}
		case s := <-c.hub.joining:
			c.hub.add(s, c.frame(c.backend.Channels()))
		case s := <-c.hub.leaving:
			c.hub.remove(s)
		}
	}
}
