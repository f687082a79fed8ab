package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/server/console"
)

// httpConsole is the console that lilo run --http serves; without that flag it
// serves nothing.
type httpConsole struct {
	window *server.ConsoleServer
	stop   context.CancelFunc
	ended  chan struct{}
}

// listenHTTP listens at the address of the flag, if it is given.
func listenHTTP(ctx context.Context, flag []string) (*httpConsole, error) {
	if flag == nil {
		return &httpConsole{}, nil
	}
	w, err := server.ListenConsole(ctx, flag[0])
	return &httpConsole{window: w}, err
}

// show prints where the console is and serves the channel there until close is called.
func (c *httpConsole) show(ctx context.Context, p *Program, ch *player.Channel, log *slog.Logger) {
	if c.window == nil {
		return
	}
	fmt.Fprintf(p.out, "  look at it in a browser: %s\n", p.out.paint(bold, c.window.URL()))
	if c.window.Exposed() {
		fmt.Fprintln(p.out, "  note: other machines reach that page without a login; lilo serve has logins")
	}
	ctx, c.stop = context.WithCancel(ctx)
	c.ended = make(chan struct{})
	go func() {
		defer close(c.ended)
		if err := c.window.Run(ctx, consoleBackend{channel: ch, preview: ch.HLS(time.Now)}, log); err != nil {
			log.Warn("the page is no longer shown: " + oneLine(err))
		}
	}()
}

// close stops serving.
func (c *httpConsole) close() {
	switch {
	case c.stop != nil:
		c.stop()
		<-c.ended
	case c.window != nil:
		_ = c.window.Close() // Nobody was answered.
	}
}

// onlyID is the id of the channel of lilo run in its console.
const onlyID = "1"

// consoleBackend shows the channel of lilo run in the console.
type consoleBackend struct {
	channel *player.Channel
	preview http.Handler
}

// Channels implements console.Backend.
func (b consoleBackend) Channels() []console.Channel {
	spec, s := b.channel.Spec(), b.channel.Snapshot()
	return []console.Channel{{
		ID: onlyID, Name: spec.Name, State: "RUNNING", Spec: spec, Source: s.Source,
		Pipelines: []console.Pipeline{console.NewPipeline(spec, &s)}, Since: spec.Epoch,
	}}
}

// Find implements console.Backend.
func (b consoleBackend) Find(id string) (console.Channel, bool) {
	return b.Channels()[0], id == onlyID
}

// HLS implements console.Backend.
func (b consoleBackend) HLS(id string) http.Handler {
	if id != onlyID {
		return nil
	}
	return b.preview
}

// Document implements console.Backend. It is the document that would create the channel.
func (b consoleBackend) Document(string) ([]byte, error) {
	doc, err := medialive.ChannelHere(b.channel.Spec(), "")
	if err != nil {
		return nil, err
	}
	return medialive.Marshal(doc)
}
