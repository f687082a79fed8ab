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

// showConsole prints where the console is and serves the channel there until ctx is
// done. wait returns when it has ended.
func (p *Program) showConsole(ctx context.Context, c *server.ConsoleServer, ch *player.Channel, log *slog.Logger) (wait func()) {
	fmt.Fprintf(p.out, "  look at it in a browser: %s\n", p.out.paint(bold, c.URL()))
	if c.Exposed() {
		fmt.Fprintln(p.out, "  note: other machines reach that page without a login; lilo serve has logins")
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := c.Run(ctx, consoleBackend{channel: ch, preview: ch.HLS(time.Now)}, log); err != nil {
			log.Warn("the page is no longer shown: " + oneLine(err))
		}
	}()
	return func() { <-ended }
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
	spec := b.channel.Spec()
	return []console.Channel{{
		ID: onlyID, Name: spec.Name, State: "RUNNING", Spec: spec, Source: b.channel.Snapshot().Source,
		Pipelines: []console.Pipeline{console.NewPipeline(spec, b.channel)}, Since: console.Time(spec.Epoch),
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
	doc, err := medialive.LocalChannelRequest(b.channel.Spec(), "")
	if err != nil {
		return nil, err
	}
	return medialive.Marshal(doc)
}
