package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/outputs"
	"github.com/lilo-live/lilo/internal/playout"
)

func (p *Program) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "run [flags] [SOURCE]",
		Short: "play one channel, here, in the foreground",
		Long: `Plays an MP4 for ever, as a transport stream of constant rate, to one or more
destinations. Without SOURCE the bundled clip plays. Ctrl-C ends it.

SOURCE is a path, or an https://, http://, s3:// or s3ssl:// URL, which plays
while it is fetched into the cache. On air the network may go away: the channel
then plays what is here, and null packets where something is missing.

The stream is a function of source, flags and epoch: two processes that are
given the same three send the same datagrams, and one that was killed and is
started again goes on where the stream would be now.

--http shows the channel in a browser: how it fares, a preview, and how to watch
it. It can be looked at there, not changed. An address without a host, as :8080,
is reached from this machine alone; there is no login, so name another only
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
	cmd.Flags().VarP(&setting{value: "ADDRESS"}, "http", "", "show the channel in a browser: :8080 on this machine alone, ip:port for others too (default: it is not)")
	return cmd
}

func (p *Program) run(ctx context.Context, s channel.Spec, http []string) error {
	w, err := openWindow(ctx, http)
	if err != nil {
		return err
	}
	defer w.close()
	show := &line{term: p.out}
	log := slog.New(&lineLog{line: show, now: p.now})
	slog.SetDefault(log)
	c, err := p.open(ctx, s)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Load(); err != nil {
		return err
	}
	to, err := outputs.Open(ctx, s.To, output.Stream{SSRC: c.SSRC(), RTPTime: c.Stream().RTPTime})
	if err != nil {
		return err
	}
	clock, err := playout.NewClock()
	if err != nil {
		return errors.Join(err, outputs.Close(to))
	}
	scheduler := playout.New(clock, log)
	if s.Epoch.IsZero() {
		s.Epoch = soon(p.now())
	}
	playing, err := scheduler.Add(playout.Config{
		Name: s.Name, Stream: c.Stream(), Epoch: s.Epoch, Pacing: s.Pacing, For: s.For, Outputs: to,
	})
	if err != nil {
		return errors.Join(err, outputs.Close(to), clock.Close())
	}
	c.OnAir()
	p.announce(c, s)
	w.show(ctx, p, &solo{spec: s, source: c, playing: playing, now: p.now}, log)
	return p.onAir(ctx, scheduler, playing, &airtime{spec: s, fetched: c.Fetched, loop: c.Report().LoopSeconds, line: show, now: p.now})
}

// soon returns an epoch for "now": far enough ahead that the stream can begin
// with its first packet, on a whole millisecond so that it can be typed again.
func soon(now time.Time) time.Time {
	return now.Add(20 * time.Millisecond).Truncate(time.Millisecond).UTC()
}

// onAir plays until ctx is done or the channel ends, showing how it fares.
func (p *Program) onAir(ctx context.Context, s *playout.Scheduler, playing *playout.Channel, a *airtime) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	a.show(ctx, playing)
	cancel()
	err := errors.Join(<-ended, playing.Err())
	a.close(playing.Snapshot())
	return err
}

// announce says what goes where, how to watch it, and what was adjusted.
func (p *Program) announce(c source, s channel.Spec) {
	r := c.Report()
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
