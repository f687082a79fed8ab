package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

func (p *Program) renderCommand() *cobra.Command {
	whole := false
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "render --out FILE [flags] [SOURCE]",
		Short: "write the stream to a file, not waiting for the clock",
		Long: `Writes the packets that run would send, from --from after the epoch on and for
as long as --for says, one lap without it. The same source, flags and epoch
always give the same bytes, and pieces of a stream that were rendered one after
the other fit together: [0, 10 s) and [10 s, 20 s) make [0, 20 s).

A piece ends where it is asked to, mostly within a picture, of which a decoder
will complain; with --whole the packets of such units are null packets instead,
and the piece can be decoded to its end but not be joined with the next.

The file appears under its name when it is complete. On an error or Ctrl-C
nothing is left behind. Without SOURCE the bundled clip is rendered.`,
		Example: `  lilo render --out lap.ts movie.mp4
  lilo render --out - --for 1h movie.mp4 | tsanalyze
  lilo render --out late.ts --from 87600h --for 30s movie.mp4   # as it will be in ten years`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.render(cmd, args, whole) },
	}
	cmd.Flags().VarP(&setting{value: "FILE"}, "out", "o", "file to write; - is the standard output")
	cmd.Flags().VarP(&setting{value: "D"}, "from", "", "start this long after the epoch (default 0)")
	cmd.Flags().BoolVar(&whole, "whole", false, "end with whole access units, for decoders")
	channelFlags(cmd, map[string]string{"epoch": "unix", "for": "one lap"})
	return cmd
}

func (p *Program) render(cmd *cobra.Command, args []string, whole bool) error {
	out := given(cmd.Flags(), "out")
	if out == nil || out[0] == "" {
		return fault.New(fault.Usage, "--out FILE is missing: it says where the stream is written, - for the standard output")
	}
	from, err := durationFlag(cmd.Flags(), "from")
	if err != nil {
		return err
	}
	base := channel.Default()
	base.Epoch = time.Unix(0, 0).UTC()
	s, err := spec(cmd, args, base)
	if err != nil {
		return err
	}
	if s.Epoch.IsZero() {
		s.Epoch = p.now().UTC()
	}
	return p.renderTo(cmd.Context(), s, piece{out: out[0], from: from, whole: whole})
}

// piece is what of the stream is rendered, and where to.
type piece struct {
	out   string
	from  time.Duration
	whole bool
}

func durationFlag(flags *pflag.FlagSet, name string) (time.Duration, error) {
	values := given(flags, name)
	if values == nil {
		return 0, nil
	}
	d, err := channel.ParseDuration(values[0])
	if err != nil {
		return 0, fault.New(fault.Usage, "--%s: %w", name, err)
	}
	return d, nil
}

func (p *Program) renderTo(ctx context.Context, s channel.Spec, which piece) error {
	c, err := p.open(ctx, s)
	if err != nil {
		return err
	}
	defer c.Close()
	to, err := renderEnd(c, which.from, s.For)
	if err != nil {
		return err
	}
	f, err := create(which.out, p.out)
	if err != nil {
		return err
	}
	defer f.discard()
	show := &line{term: p.err}
	packets, err := write(ctx, c, f, which, to, p.progress(show))
	show.Clear()
	if err != nil {
		return interrupted(ctx, which.out, err)
	}
	if err := f.commit(); err != nil {
		return err
	}
	p.renderSummary(c, which.out, packets)
	return nil
}

// write renders the piece into the file, ended with whole units if that is wanted.
func write(ctx context.Context, c source, f io.Writer, which piece, to time.Duration, progress func(float64)) (int64, error) {
	if !which.whole {
		return c.Render(ctx, f, which.from, to, progress)
	}
	w := player.WholeUnits(f)
	packets, err := c.Render(ctx, w, which.from, to, progress)
	if err != nil {
		return packets, err
	}
	return packets, w.Close()
}

// renderEnd returns where the piece ends: one lap later unless it was said how long it is.
func renderEnd(c source, from, length time.Duration) (time.Duration, error) {
	if length == 0 {
		length = c.Stream().Due(c.Report().PacketsALap)
	}
	if from+length < from {
		return 0, fault.New(fault.Usage, "--from %s and --for %s are together more than 292 years", from, length)
	}
	return from + length, nil
}

// interrupted says of an error that was asked for what was left.
func interrupted(ctx context.Context, out string, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if out == "-" {
		return fault.New(fault.Internal, "interrupted: what was written is not the whole of it")
	}
	return fault.New(fault.Internal, "interrupted: %s was not written", out)
}

// progress returns what shows how far the work is, on a terminal, at most ten times a second.
func (p *Program) progress(show *line) func(float64) {
	if !p.err.live() {
		return nil
	}
	began := p.now()
	last := began
	return func(share float64) {
		now := p.now()
		// Work that is done in half a second needs no bar.
		if now.Sub(began) < 500*time.Millisecond || now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		show.Update(bar("rendering", share, now.Sub(began), p.err.width()))
	}
}

// bar shows what is being done, the share of it that is, and how long the rest will take.
func bar(what string, share float64, spent time.Duration, width int) string {
	share = min(1, max(0, share))
	text := fmt.Sprintf(" %3.0f %%", 100*share)
	if share > 0 {
		left := time.Duration(float64(spent) / share * (1 - share))
		text += "  " + clock(left) + " left"
	}
	cells := min(40, width-len(text)-len(what+" []")-1)
	if cells < 4 {
		return what + text
	}
	done := int(share * float64(cells))
	bar := make([]byte, cells)
	for i := range bar {
		bar[i] = '.'
		if i < done {
			bar[i] = '#'
		}
	}
	return what + " [" + string(bar) + "]" + text
}

// renderSummary says what was written: on the error output where the standard
// output is the stream itself.
func (p *Program) renderSummary(c source, out string, packets int64) {
	var to io.Writer = p.out
	if out == "-" {
		to = p.err
	}
	for _, note := range c.Report().Adjustments {
		fmt.Fprintf(to, "note: %s\n", note)
	}
	if out != "-" {
		fmt.Fprintf(to, "%s: %s, %s at %s\n", out, counted(packets, "packet"), size(packets*188), rate(c.Report().MuxRate))
	}
}
