package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/lilo-live/lilo/internal/server"
)

// window is the page of the one channel, if there is to be one.
type window struct {
	on    *server.Window
	stop  context.CancelFunc
	ended chan struct{}
}

// openWindow listens where the flag says.
func openWindow(ctx context.Context, flag []string) (*window, error) {
	if flag == nil {
		return &window{}, nil
	}
	on, err := server.OpenWindow(ctx, flag[0])
	return &window{on: on}, err
}

// show says where the page is, and shows the channel there until it is closed.
func (w *window) show(ctx context.Context, p *Program, s *solo, log *slog.Logger) {
	if w.on == nil {
		return
	}
	fmt.Fprintf(p.out, "  look at it in a browser: %s\n", p.out.paint(bold, w.on.URL()))
	if w.on.Exposed() {
		fmt.Fprintln(p.out, "  note: other machines reach that page, and whoever does may watch; lilo serve has logins")
	}
	ctx, w.stop = context.WithCancel(ctx)
	w.ended = make(chan struct{})
	go func() {
		defer close(w.ended)
		if err := w.on.Run(ctx, s, log); err != nil {
			log.Warn("the page cannot be shown any more: " + oneLine(err))
		}
	}()
}

// close ends it.
func (w *window) close() {
	switch {
	case w.stop != nil:
		w.stop()
		<-w.ended
	case w.on != nil:
		_ = w.on.Close() // Nobody was answered.
	}
}
