package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Bounds of what pages that watch may take.
const (
	// maxWatching is how many pages watch at once.
	maxWatching = 256
	// maxWaiting is how many messages wait for a page before it is dropped.
	maxWaiting = 8
	// quiet is how many ticks without news go by before a sign of life.
	quiet = 10
	// patience is how long a page may take to accept a message.
	patience = 10 * time.Second
	// pokes is how far apart publications are at least that a change asked for.
	pokes = 100 * time.Millisecond
)

// hub tells the pages. All but its channels belongs to the goroutine of Run.
type hub struct {
	joining, leaving chan *watching
	poked            chan struct{}
	closed           chan struct{}

	pages map[*watching]bool
	last  map[string]shown
	at    time.Time
	idle  int
}

// watching is a page that watches.
type watching struct {
	messages chan []byte // closed when it is dropped
}

func newHub() *hub {
	return &hub{
		joining: make(chan *watching), leaving: make(chan *watching), poked: make(chan struct{}, 1),
		closed: make(chan struct{}), pages: make(map[*watching]bool),
	}
}

// poke asks for the news to be told now. Any goroutine may call it.
func (h *hub) poke() {
	select {
	case h.poked <- struct{}{}:
	default:
	}
}

// add has a page watch; it gets all there is first.
func (h *hub) add(s *watching, f frame) {
	if len(h.pages) >= maxWatching {
		close(s.messages)
		return
	}
	if len(h.pages) == 0 {
		h.last, h.at = f.byID(), f.now
	}
	// What the others are still to be told it is told once more, which does no harm.
	h.pages[s] = true
	h.send(s, message("all", f.whole()))
}

func (h *hub) remove(s *watching) {
	if h.pages[s] {
		delete(h.pages, s)
		close(s.messages)
	}
}

// due tells whether a change is to be told now: to somebody, and not too soon
// after the one before. It is asked before the frame is made, which takes its time.
func (h *hub) due(now time.Time) bool { return len(h.pages) > 0 && now.Sub(h.at) >= pokes }

// publish tells what is new in the frame. Ticks give a sign of life now and then.
func (h *hub) publish(f frame, tick bool) {
	if len(h.pages) == 0 {
		h.last = nil
		return
	}
	news := f.since(h.last)
	h.last, h.at = f.byID(), f.now
	if !news.empty() {
		h.idle = 0
		h.sendAll(message("change", news))
		return
	}
	if h.idle++; tick && h.idle >= quiet {
		h.idle = 0
		h.sendAll(message("alive", change{Now: news.Now}))
	}
}

func (h *hub) sendAll(m []byte) {
	for s := range h.pages {
		h.send(s, m)
	}
}

// send drops a page that does not keep up: it comes back and begins anew.
func (h *hub) send(s *watching, m []byte) {
	select {
	case s.messages <- m:
	default:
		h.remove(s)
	}
}

// close drops all pages, and those to come.
func (h *hub) close() {
	close(h.closed)
	for s := range h.pages {
		h.remove(s)
	}
}

// message returns an event of a stream of events (HTML, 9.2.6).
func message(event string, data any) []byte {
	text, err := json.Marshal(data)
	if err != nil { // Numbers are finite and texts are texts: this cannot be.
		text = []byte("{}")
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", event, text)
}

// events streams the news to a page.
func (c *Console) events(w http.ResponseWriter, r *http.Request) {
	s := &watching{messages: make(chan []byte, maxWaiting)}
	select {
	case c.hub.joining <- s:
	case <-c.hub.closed:
		refuse(w, http.StatusServiceUnavailable, "", "the server is stopping")
		return
	case <-r.Context().Done():
		return
	}
	defer c.leave(s)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	if !deliver(w, out, []byte("retry: 2000\n\n")) {
		return
	}
	for {
		select {
		case m, on := <-s.messages:
			if !on || !deliver(w, out, m) {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// deliver writes a message within patience.
func deliver(w http.ResponseWriter, out *http.ResponseController, m []byte) bool {
	// Not every ResponseWriter has deadlines; the server's has.
	_ = out.SetWriteDeadline(time.Now().Add(patience))
	if _, err := w.Write(m); err != nil {
		return false
	}
	return out.Flush() == nil
}

// leave has the page watch no longer.
func (c *Console) leave(s *watching) {
	select {
	case c.hub.leaving <- s:
	case <-c.hub.closed:
	}
}
