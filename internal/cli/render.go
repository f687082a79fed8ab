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
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/setting"
)

func (p *Program) renderCommand() *cobra.Command {
	whole := false
	cmd := &cobra.Command{
		Use:   "render --out FILE [flags] [SOURCE]",
		Short: "write the stream to a file, as fast as possible",
		Long: `Writes the packets that run would send, from --from after the epoch on and for
as long as --for says, one lap without it. The same source, flags and epoch
always give the same bytes, and pieces of a stream that were rendered one after
the other fit together: [0, 10 s) and [10 s, 20 s) make [0, 20 s).

A piece ends exactly where you ask, mostly within a picture, which makes decoders
complain. With --whole null packets replace the packets of incomplete pictures and
sound: the piece then decodes to its end but does not join with the next one.

The file appears under its name when it is complete. On an error or Ctrl-C
nothing is left behind. Without SOURCE the bundled clip is rendered.`,
		Example: `  lilo render --out lap.ts movie.mp4
  lilo render --out - --for 1h movie.mp4 | tsanalyze
  lilo render --out late.ts --from 87600h --for 30s movie.mp4   # as it will be in ten years`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.render(cmd, args, whole) },
	}
	cmd.Flags().VarP(&flagValue{kind: "FILE"}, "out", "o", "file to write; - is the standard output")
	cmd.Flags().VarP(&flagValue{kind: "D"}, "from", "", "start this long after the epoch (default 0)")
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
	return p.renderTo(cmd.Context(), s, renderRange{out: out[0], from: from, whole: whole})
}

// renderRange is the part of the stream that is rendered, and the file for it.
type renderRange struct {
	out   string
	from  time.Duration
	whole bool
}

func durationFlag(flags *pflag.FlagSet, name string) (time.Duration, error) {
	values := given(flags, name)
	if values == nil {
		return 0, nil
	}
	d, err := setting.ParseDuration(values[0])
	if err != nil {
		return 0, fault.New(fault.Usage, "--%s: %w", name, err)
	}
	return d, nil
}

func (p *Program) renderTo(ctx context.Context, s channel.Spec, r renderRange) error {
	list, err := p.open(ctx, s)
	if err != nil {
		return err
	}
	defer list.Close()
	to, err := renderEnd(list, r.from, s.For)
	if err != nil {
		return err
	}
	f, err := createOutFile(r.out, p.out)
	if err != nil {
		return err
	}
	defer f.discard()
	packets, err := p.write(ctx, list, f, r, to)
	if err != nil {
		return interrupted(ctx, r.out, err)
	}
	if err := f.commit(); err != nil {
		return err
	}
	p.summarizeRender(list.Report(), r.out, packets)
	return nil
}

// write renders the range into w and returns the number of packets.
func (p *Program) write(ctx context.Context, list playlist, w io.Writer, r renderRange, to time.Duration) (packet.Number, error) {
	l := p.progressLine(500 * time.Millisecond) // Work that takes less needs no bar.
	defer l.close()
	progress := func(share float64) {
		l.update(func(spent time.Duration, width int) string { return bar("rendering", share, spent, width) })
	}
	if !r.whole {
		return list.Render(ctx, w, r.from, to, progress)
	}
	units := player.WholeUnits(w)
	packets, err := list.Render(ctx, units, r.from, to, progress)
	if err != nil {
		return packets, err
	}
	return packets, units.Close()
}

// renderEnd returns where the range ends: after length or, if that is 0, one lap.
func renderEnd(list playlist, from, length time.Duration) (time.Duration, error) {
	if length == 0 {
		length = list.Due(packet.Number(list.Report().PacketsALap))
	}
	if from+length < from {
		return 0, fault.New(fault.Usage, "--from %s and --for %s are together more than 292 years", from, length)
	}
	return from + length, nil
}

// interrupted returns err or, if ctx is done, an error that says what was left behind.
func interrupted(ctx context.Context, out string, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if out == "-" {
		return fault.New(fault.Internal, "interrupted: what was written is incomplete")
	}
	return fault.New(fault.Internal, "interrupted: %s was not written", out)
}

// summarizeRender says what was written: on the error output if the standard
// output is the stream itself.
func (p *Program) summarizeRender(r player.Report, out string, packets packet.Number) {
	var to io.Writer = p.out
	if out == "-" {
		to = p.err
	}
	for _, note := range r.Adjustments {
		fmt.Fprintf(to, "note: %s\n", note)
	}
	if out != "-" {
		fmt.Fprintf(to, "%s: %s, %s at %s\n", out, counted(int64(packets), "packet"), size(int64(packets)*packet.Size), rate(r.MuxRate))
	}
}
