package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server"
)

func newRunCommand(p *Program) *cobra.Command {
	var http string
	var realtime, publicHLS, asJSON bool
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
it. The page changes nothing. An address without a host, such as :8080, is
reachable from this machine only. There is no login, so use another address only
where everyone may see the channel. /metrics and /healthz are there too.
--public-hls lets pages of other servers play its HLS.

--json prints a line for each event: start, with what lilo probe --json prints,
status every ten seconds, log for each message, and end.`,
		Example: `  lilo run
  lilo run movie.mp4 --to rtp://239.1.1.1:5000?ttl=4 --to udp://192.0.2.7:6000
  lilo run movie.mp4 --epoch unix --muxrate 8M --for 1h
  lilo run s3://bucket/movie.mp4
  lilo run --config channel.yaml
  lilo run --http :8080
  lilo run --json movie.mp4 | jq 'select(.type == "status").late_max_seconds'`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := p.spec(cmd, args, channel.Default())
			if err != nil {
				return err
			}
			r := run{Program: p, spec: s, realtime: realtime, json: asJSON, line: &statusLine{term: p.out}}
			if err := applyFlags(cmd.Flags(), server.LogSettings(), &r.logging); err != nil {
				return err
			}
			if publicHLS && !cmd.Flags().Changed("http") {
				return fault.New(fault.Usage, "--public-hls needs --http, which serves the HLS: add --http :8080")
			}
			if cmd.Flags().Changed("http") {
				if r.page, err = server.ListenConsole(cmd.Context(), http, publicHLS); err != nil {
					return err
				}
				defer r.page.Close()
			}
			return r.play(cmd.Context())
		},
	}
	channelFlags(cmd, nil)
	cmd.Flags().StringVar(&http, "http", "", "show the channel in a browser at `ADDRESS`: :8080 for this machine only, ip:port for others too (default none)")
	cmd.Flags().BoolVar(&publicHLS, "public-hls", false, "let pages of other servers play the HLS of --http")
	cmd.Flags().BoolVar(&realtime, "realtime", false, "send with real-time priority (SCHED_FIFO), which the system must permit, so that a busy machine delays nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what happens as lines of JSON")
	settingFlags(cmd.Flags(), server.LogSettings())
	return cmd
}

// run is one run of lilo run.
type run struct {
	*Program

	spec     channel.Spec
	realtime bool
	json     bool // prints events instead of text
	logging  server.Logging
	page     *server.ConsoleServer // nil without --http
	line     *statusLine
	start    time.Time // when the channel begins to play
}

// play plays the channel until it ends or ctx is done.
func (r *run) play(ctx context.Context) error {
	log := slog.New(r.logHandler())
	slog.SetDefault(log)
	opts, opened := r.playerOptions()
	opts.Log = log
	if r.realtime {
		opts.NewClock = playout.NewRealtimeClock
	}
	pl, err := player.New(opts)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- pl.Run(ctx) }()
	ch, err := pl.Start(ctx, player.Config{Key: r.spec.Name, Spec: r.spec, FailFast: true})
	opened()
	if err != nil {
		cancel()
		return errors.Join(err, <-ended)
	}
	r.announce(ch.Report(), ch.Spec())
	if r.page != nil {
		defer r.showConsole(ctx, ch, log)()
	}
	r.watch(ctx, ch)
	cancel()
	err = errors.Join(<-ended, ch.Err())
	if r.json {
		r.event(r.statusEvent("end", ch.Snapshot(), err))
		return err
	}
	r.summarize(ch.Snapshot())
	return err
}

// logHandler returns what writes the log: as events, as lines of JSON on the error
// output, or as lines above the status line.
func (r *run) logHandler() slog.Handler {
	switch {
	case r.json:
		events := server.Logging{Level: r.logging.Level, Format: "json"}
		return events.Handler(lineWriter{r.line}).WithAttrs([]slog.Attr{slog.String("type", "log")})
	case r.logging.Format == "json":
		return r.logging.Handler(r.err)
	}
	return &lineLog{line: r.line, now: r.now, level: r.logging.MinLevel()}
}

// announce prints what plays, where it is sent and how to watch it, and what was adjusted.
func (r *run) announce(report player.Report, s channel.Spec) {
	if r.json {
		r.event(r.startEvent(report, s))
		return
	}
	length := "for ever"
	if s.For > 0 {
		length = "for " + s.For.String()
	}
	fmt.Fprintf(r.out, "playing %s %s as %q: a lap of %s at %s\n", r.out.paint(bold, report.Source), length, s.Name,
		report.LoopLength, rate(report.MuxRate))
	for _, d := range s.To {
		fmt.Fprintf(r.out, "  to %s\n", r.out.paint(bold, d.String()))
		for i, hint := range d.Watch() {
			fmt.Fprintf(r.out, "     %s %s\n", [...]string{"watch it with:", "           or:"}[i], hint)
		}
	}
	for _, note := range report.Notes {
		fmt.Fprintf(r.out, "  note: %s\n", note)
	}
	if s.Epoch.After(r.now().Add(time.Second)) {
		fmt.Fprintf(r.out, "  lap 0 begins at --epoch %s, nothing is sent before\n", channel.FormatEpoch(s.Epoch))
	} else {
		fmt.Fprintf(r.out, "  lap 0 began at --epoch %s\n", channel.FormatEpoch(s.Epoch))
	}
	if r.out.live() {
		fmt.Fprintln(r.out, "  Ctrl-C ends it")
	}
}

// watch shows the condition of the channel until it has ended or ctx is done: on a
// terminal in the status line, elsewhere as a line after ten seconds and each minute.
func (r *run) watch(ctx context.Context, ch *player.Channel) {
	r.start = r.now()
	if epoch := ch.Spec().Epoch; epoch.After(r.start) {
		r.start = epoch
	}
	defer r.line.Clear()
	for next := jsonInterval; ; {
		wait := next - r.now().Sub(r.start)
		if r.out.live() && !r.json {
			wait = time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-ch.Done():
			return
		case <-time.After(wait): // Seldom: to wake costs as much as a train.
		}
		spent, now := r.now().Sub(r.start), ch.Snapshot()
		switch {
		case r.json && spent >= next:
			r.event(r.statusEvent("status", now, nil))
			next = spent.Truncate(jsonInterval) + jsonInterval
		case r.json:
		case r.out.live():
			r.line.Update(r.condition(now))
		case spent >= next:
			r.line.Print(r.condition(now))
			next = spent.Truncate(time.Minute) + time.Minute
		}
	}
}

// condition formats the condition of the channel on one line.
func (r *run) condition(s player.Snapshot) string {
	spent := r.now().Sub(r.start)
	if spent < 0 {
		return "begins in " + clock((-spent).Round(time.Second))
	}
	return fmt.Sprintf("on air %s  lap %s, %.1f of %.1f s  %s  late %s  %s", clock(spent), count(s.Lap),
		s.LapPosition, s.LapSeconds, rate(s.BitRate), lateness(s.Late.LastSecond), lossText(s)+fetchedText(s))
}

// lossText tells what was not sent, or not sent as planned.
func lossText(s player.Snapshot) string {
	dropped, skipped := int64(0), int64(0)
	for _, o := range s.Outputs {
		dropped += o.Dropped
		skipped += o.Skipped
	}
	text := count(dropped) + " dropped"
	if skipped > 0 {
		text += ", " + count(skipped) + " skipped"
	}
	if s.Starved > 0 {
		text += ", " + counted(s.Starved, "packet") + " read too late"
	}
	return text
}

// fetchedText tells how much of a remote source is in the cache, or how often the
// source was unavailable.
func fetchedText(s player.Snapshot) string {
	at := s.Fetched
	switch {
	case !s.Remote:
		return ""
	case at.Stalled:
		return "  the source is unavailable"
	case at.Have < at.Size:
		return fmt.Sprintf("  %.0f %% fetched", 100*float64(at.Have)/float64(at.Size))
	case at.Outages > 0:
		return "  the source was unavailable " + counted(at.Outages, "time")
	}
	return ""
}

// summarize prints totals, of each destination too if there are several or one failed.
func (r *run) summarize(s player.Snapshot) {
	spent := max(0, r.now().Sub(r.start))
	r.line.Print(fmt.Sprintf("off air after %s: %s sent, %s; late by %s (99.9 %%), %s at most",
		clock(spent), counted(s.Datagrams, "datagram"), lossText(s), lateness(s.Late.P999), lateness(s.Late.Max)))
	for _, o := range s.Outputs {
		if len(s.Outputs) == 1 && o.LastError == "" {
			continue
		}
		text := fmt.Sprintf("  %s: %s sent, %s dropped", o.URL, counted(o.Datagrams, "datagram"), count(o.Dropped))
		if o.Refused > 0 {
			text += fmt.Sprintf(", refused %s", counted(o.Refused, "time"))
		}
		if o.LastError != "" {
			text += "; it " + strings.TrimPrefix(o.LastError, o.URL+" ")
		}
		r.line.Print(text)
	}
}
