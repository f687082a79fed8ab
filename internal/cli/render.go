package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
)

func newRenderCommand(p *Program) *cobra.Command {
	r := render{Program: p}
	cmd := &cobra.Command{
		Use:   "render --out FILE [flags] [SOURCE]",
		Short: "write the stream to a file, as fast as possible",
		Long: `Writes the packets that run would send, starting --from after the epoch, for as
long as --for says, by default one lap. The same source, flags and epoch always
give the same bytes, and consecutive pieces of a stream fit together: [0, 10 s)
and [10 s, 20 s) make [0, 20 s).

A piece ends exactly where you ask, usually within a picture, which makes decoders
complain. With --whole, null packets replace the packets of incomplete pictures and
sound: the piece then decodes to its end but does not join the next one.

The file appears under its name when it is complete. On an error or Ctrl-C
nothing is left behind. Without SOURCE the bundled clip is rendered.`,
		Example: `  lilo render --out lap.ts movie.mp4
  lilo render --out - --for 1h movie.mp4 | tsanalyze
  lilo render --out late.ts --from 87600h --for 30s movie.mp4   # as it will be in ten years`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if r.file == "" {
				return fault.New(fault.Usage, "--out FILE is missing: it says where the stream is written, - for the standard output")
			}
			base := channel.Default()
			base.Epoch = time.Unix(0, 0).UTC()
			if r.spec, err = p.spec(cmd, args, base); err != nil {
				return err
			}
			if r.spec.Epoch.IsZero() {
				r.spec.Epoch = p.now().UTC()
			}
			return r.run(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&r.file, "out", "o", "", "the `FILE` to write; - is the standard output")
	cmd.Flags().Var((*durationFlag)(&r.from), "from", "start this long after the epoch (default 0)")
	cmd.Flags().BoolVar(&r.whole, "whole", false, "end with whole access units, for decoders")
	channelFlags(cmd, map[string]string{"epoch": "unix", "for": "one lap"}, "to", "pacing", "tolerance", "fec")
	return cmd
}

// render is one run of lilo render.
type render struct {
	*Program

	spec  channel.Spec
	file  string // "-" is the standard output
	from  time.Duration
	whole bool
}

// run renders the range into the file.
func (r *render) run(ctx context.Context) error {
	list, err := r.open(ctx, r.spec)
	if err != nil {
		return err
	}
	defer list.Close()
	length := r.spec.For
	if length == 0 {
		length = list.Due(packet.Number(list.Report().PacketsALap))
	}
	to := r.from + length
	if to < r.from {
		return fault.New(fault.Usage, "--from %s and --for %s are together more than 292 years", r.from, length)
	}
	f, err := createOutFile(r.file, r.out)
	if err != nil {
		return err
	}
	defer f.discard()
	packets, err := r.write(ctx, list, f, to)
	switch {
	case err != nil && ctx.Err() != nil && r.file == "-":
		return fault.New(fault.Internal, "interrupted: what was written is incomplete")
	case err != nil && ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: %s was not written", r.file)
	case err != nil:
		return err
	}
	if err := f.commit(); err != nil {
		return err
	}
	r.summarize(list.Report(), packets)
	return nil
}

// write renders the range up to to into w and returns the number of packets.
func (r *render) write(ctx context.Context, list playlist, w io.Writer, to time.Duration) (packet.Number, error) {
	l := newProgressLine(r.err, r.now, 500*time.Millisecond) // Work that takes less needs no bar.
	defer l.close()
	progress := func(share float64) {
		l.show(func(spent time.Duration) string { return bar("rendering", share, spent, l.term.width()) })
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

// summarize tells what was written: on the error output if the standard output is
// the stream itself.
func (r *render) summarize(report player.Report, packets packet.Number) {
	to := r.out
	if r.file == "-" {
		to = r.err
	}
	for _, note := range report.Notes {
		fmt.Fprintf(to, "note: %s\n", note)
	}
	if r.file != "-" {
		fmt.Fprintf(to, "%s: %s, %s at %s\n", r.file, counted(int64(packets), "packet"), size(int64(packets)*packet.Size), rate(report.MuxRate))
	}
}
