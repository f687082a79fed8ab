package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// announcePage prints where the page and the HLS are.
func (r *run) announcePage() {
	fmt.Fprintf(r.out, "  see it in a browser: %s\n", r.out.paint(bold, r.page.URL()))
	fmt.Fprintf(r.out, "     or play the HLS: %s\n", r.hlsURL())
	if r.page.Exposed() {
		fmt.Fprintln(r.out, "  note: other machines reach that page without a login; lilo serve has logins")
	}
}

func (r *run) hlsURL() string { return r.page.URL() + "hls/" + onlyID + "/index.m3u8" }

// showConsole prints the address of the page and serves it until ctx is done. wait
// returns when it is closed.
func (r *run) showConsole(ctx context.Context, ch *player.Channel, log *slog.Logger) (wait func()) {
	if !r.json {
		r.announcePage()
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.page.Run(ctx, consoleBackend{channel: ch, preview: ch.HLS()}, statuses(ch), log); err != nil {
			log.Warn("the page has closed: " + oneLine(err))
		}
	}()
	return func() { <-ended }
}

// statuses returns what the metrics show: the one channel.
func statuses(ch *player.Channel) func() []service.Status {
	id, spec := onlyID, ch.Spec()
	shown := types.Channel{Id: &id, Name: &spec.Name, State: types.ChannelStateRunning, ChannelClass: types.ChannelClassSinglePipeline}
	return func() []service.Status {
		return []service.Status{{Channel: &shown, Pipelines: []supervisor.Pipeline{{Spec: spec, Playback: ch}}}}
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
	spec, now := b.channel.Spec(), b.channel.Snapshot()
	var notes []string
	for _, n := range now.Notes {
		notes = append(notes, n.String())
	}
	return []console.Channel{{
		ID: onlyID, Name: spec.Name, State: "RUNNING", Spec: spec, Source: now.Source, Notes: notes,
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

// Requests implements console.Backend.
func (b consoleBackend) Requests(context.Context, string) (r console.Requests, err error) {
	spec := b.channel.Spec()
	spec.Source = b.channel.Snapshot().Source // Without secrets.
	in, err := medialive.LocalInputRequest(spec)
	if err != nil {
		return r, err
	}
	body, err := medialive.Marshal(in)
	if err != nil {
		return r, err
	}
	r.Inputs = []console.InputRequest{{ID: onlyInput, Body: body}}
	doc, err := medialive.LocalChannelRequest(spec, onlyInput)
	if err != nil {
		return r, err
	}
	r.Channel, err = medialive.Marshal(doc)
	return r, err
}

// onlyInput is the id of the input in the requests.
const onlyInput = "INPUT"

// Log implements console.Backend. The log is on the terminal.
func (b consoleBackend) Log(string) []console.LogLine { return nil }

// Thumbnail implements console.Backend. The one channel has a preview.
func (b consoleBackend) Thumbnail(context.Context, string) ([]byte, error) { return nil, nil }

// Document implements console.Backend. It is the document that would create the channel.
func (b consoleBackend) Document(string) ([]byte, error) {
	doc, err := medialive.LocalChannelRequest(b.channel.Spec(), "")
	if err != nil {
		return nil, err
	}
	return medialive.Marshal(doc)
}
