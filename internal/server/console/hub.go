package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// maxPages is how many pages may be open.
	maxPages = 256
	// maxQueued is how many messages may wait for a page before it is dropped.
	maxQueued = 8
	// keepAlive is after how many ticks without an update a page gets a sign of life.
	keepAlive = 10
	// sendTimeout is how long a page may take to accept a message.
	sendTimeout = 10 * time.Second
	// minInterval is the least time between updates that requests cause.
	minInterval = 100 * time.Millisecond
)

// hub sends updates to the pages that are open. The goroutine of Console.Run owns
// all but its channels.
type hub struct {
	opened, closing chan *page
	refreshed       chan struct{}
	closed          chan struct{}

	pages map[*page]bool
	last  state // as the pages have it
	idle  int   // ticks without an update
}

// page is a page that is open. messages is closed when it is dropped.
type page struct{ messages chan []byte }

func newHub() *hub {
	return &hub{
		opened: make(chan *page), closing: make(chan *page), refreshed: make(chan struct{}, 1),
		closed: make(chan struct{}), pages: make(map[*page]bool),
	}
}

// refresh asks for an update now. Any goroutine may call it.
func (h *hub) refresh() {
	select {
	case h.refreshed <- struct{}{}:
	default:
	}
}

// add adds a page and sends it the whole state. Other pages get their update later.
func (h *hub) add(p *page, s state) {
	if len(h.pages) >= maxPages {
		close(p.messages)
		return
	}
	if len(h.pages) == 0 {
		h.last = s
	}
	h.pages[p] = true
	h.send(p, message("all", s.full()))
}

func (h *hub) remove(p *page) {
	if h.pages[p] {
		delete(h.pages, p)
		close(p.messages)
	}
}

// mayPublish reports whether an update has a receiver and is not too soon after
// the last one. It is asked before the state is made, which takes time.
func (h *hub) mayPublish(now time.Time) bool {
	return len(h.pages) > 0 && now.Sub(h.last.now) >= minInterval
}

// publish sends what has changed to all pages, or now and then a sign of life.
func (h *hub) publish(s state, tick bool) {
	if len(h.pages) == 0 {
		h.last = state{}
		return
	}
	u := s.since(h.last)
	h.last = s
	if u.empty() {
		if h.idle++; !tick || h.idle < keepAlive {
			return
		}
		h.idle = 0
		h.sendAll(message("alive", u))
		return
	}
	h.idle = 0
	h.sendAll(message("change", u))
}

func (h *hub) sendAll(m []byte) {
	for p := range h.pages {
		h.send(p, m)
	}
}

// send queues a message. It drops a page that is too slow: the page reconnects.
func (h *hub) send(p *page, m []byte) {
	select {
	case p.messages <- m:
	default:
		h.remove(p)
	}
}

// close drops all pages, and those that open later.
func (h *hub) close() {
	close(h.closed)
	for p := range h.pages {
		h.remove(p)
	}
}

// message returns a server-sent event (HTML Standard, 9.2.6).
func message(event string, data any) []byte {
	text, err := json.Marshal(data)
	if err != nil { // Unreachable: all numbers are finite.
		text = []byte("{}")
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", event, text)
}

// serveEvents streams updates to a page.
func (c *Console) serveEvents(w http.ResponseWriter, r *http.Request) {
	p := &page{messages: make(chan []byte, maxQueued)}
	select {
	case c.hub.opened <- p:
	case <-c.hub.closed:
		writeError(w, http.StatusServiceUnavailable, "", "the server is stopping")
		return
	case <-r.Context().Done():
		return
	}
	defer func() {
		select {
		case c.hub.closing <- p:
		case <-c.hub.closed:
		}
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	for m, ok := []byte("retry: 2000\n\n"), true; ok; {
		_ = out.SetWriteDeadline(time.Now().Add(sendTimeout)) // Not all writers have deadlines.
		if _, err := w.Write(m); err != nil || out.Flush() != nil {
			return
		}
		select {
		case m, ok = <-p.messages:
		case <-r.Context().Done():
			return
		}
	}
}
