package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server"
)

func (p *Program) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [flags] [SOURCE]",
		Short: "play one channel in the foreground",
		Long: `Plays an MP4 for ever, as a transport stream of constant rate, to one or more
destinations. Without SOURCE the bundled clip plays. Ctrl-C ends it.

SOURCE is a path, or an https://, http://, s3:// or s3ssl:// URL, which plays
while it is fetched into the cache. If the network goes away on air, the channel
plays what the cache has, and null packets where something is missing.

The stream is a function of source, flags and epoch: two processes with the same
three send the same datagrams, and a process that was killed and is started again
continues where the stream would be now.

--http shows the channel in a browser: its condition, a preview, and how to watch
it. Nothing can be changed there. An address without a host, such as :8080, is
reachable from this machine only; there is no login, so name another address only
where everybody may look.`,
		Example: `  lilo run
  lilo run movie.mp4 --to rtp://239.1.1.1:5000?ttl=4 --to udp://192.0.2.7:6000
  lilo run movie.mp4 --epoch unix --muxrate 8M --for 1h
  lilo run s3://bucket/movie.mp4
  lilo run --config channel.yaml
  lilo run --http :8080`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := spec(cmd, args, channel.Default())
			if err != nil {
				return err
			}
			return p.run(cmd.Context(), s, given(cmd.Flags(), "http"))
		},
	}
	channelFlags(cmd, nil)
	cmd.Flags().VarP(&flagValue{kind: "ADDRESS"}, "http", "", "show the channel in a browser: :8080 for this machine only, ip:port for others too (default none)")
	return cmd
}

func (p *Program) run(ctx context.Context, s channel.Spec, http []string) error {
	var page *server.ConsoleServer
	if http != nil {
		var err error
		if page, err = server.ListenConsole(ctx, http[0]); err != nil {
			return err
		}
		defer page.Close()
	}
	status := &runStatus{line: &statusLine{term: p.out}, now: p.now}
	log := slog.New(&lineLog{line: status.line, now: p.now})
	slog.SetDefault(log)
	opts, opened := p.playerOptions()
	opts.Log = log
	pl, err := player.New(opts)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- pl.Run(ctx) }()
	ch, err := pl.Start(ctx, player.Config{Key: s.Name, Spec: s, FailFast: true})
	opened()
	if err != nil {
		cancel()
		return errors.Join(err, <-ended)
	}
	p.announce(ch.Report(), ch.Spec())
	if page != nil {
		defer p.showConsole(ctx, page, ch, log)()
	}
	status.show(ctx, ch)
	cancel()
	err = errors.Join(<-ended, ch.Err())
	status.summarize(ch.Snapshot())
	return err
}

// announce says what plays, where it is sent and how to watch it, and what was adjusted.
func (p *Program) announce(r player.Report, s channel.Spec) {
	length := "for ever"
	if s.For > 0 {
		length = "for " + s.For.String()
	}
	fmt.Fprintf(p.out, "playing %s %s as %q: a lap of %s at %s\n", p.out.paint(bold, r.Source), length, s.Name,
		r.LoopLength, rate(r.MuxRate))
	for _, d := range s.To {
		fmt.Fprintf(p.out, "  to %s\n", p.out.paint(bold, d.String()))
		for i, hint := range d.Watch() {
			fmt.Fprintf(p.out, "     %s %s\n", [...]string{"watch it with:", "           or:"}[i], hint)
		}
	}
	for _, note := range r.Adjustments {
		fmt.Fprintf(p.out, "  note: %s\n", note)
	}
	fmt.Fprintf(p.out, "  lap 0 began at --epoch %s\n", channel.FormatEpoch(s.Epoch))
	if p.out.live() {
		fmt.Fprintln(p.out, "  Ctrl-C ends it")
	}
}
