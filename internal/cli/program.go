// Package cli is the command line: the verbs, their flags, and what they show
// on a terminal.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	remote "github.com/lilo-live/lilo/internal/source"
)

// Program is the command line and what it touches of the world around it.
type Program struct {
	in       io.Reader
	out, err terminal
	ask      asker
	env      func(string) string
	now      func() time.Time
	wait     func(context.Context, time.Duration) error
	backoff  time.Duration // the longest pause before AWS is asked again; 0 for the usual
	open     func(context.Context, channel.Spec) (source, error)
	probe    func(context.Context, channel.Spec) (player.Report, error)
}

// source is what the verbs need of an player.Input.
type source interface {
	Report() player.Report
	SSRC() uint32
	Stream() playout.Stream
	Load() error
	OnAir()
	Fetched() (remote.Progress, bool)
	HLS(epoch time.Time) (*hls.Timeline, error)
	Render(ctx context.Context, w io.Writer, from, to time.Duration, progress func(float64)) (int64, error)
	Close() error
}

// New returns the program that writes to out and err and reads the environment
// through env.
func New(out, err io.Writer, env func(string) string) *Program {
	p := &Program{
		in: os.Stdin, out: newTerminal(out, env), err: newTerminal(err, env), ask: newAsker(os.Stdin),
		env: env, now: time.Now, wait: wait,
	}
	p.open = func(ctx context.Context, spec channel.Spec) (source, error) {
		opts, done := p.opening()
		defer done()
		return opened(player.OpenInput(ctx, spec, opts))
	}
	p.probe = func(ctx context.Context, spec channel.Spec) (player.Report, error) {
		opts, done := p.opening()
		defer done()
		return player.Probe(ctx, spec, opts)
	}
	return p
}

// opened keeps a nil *player.Input from becoming a source that is not nil.
func opened(c *player.Input, err error) (source, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Run carries out one command line and returns the exit code, which
// docs/errors.md explains. An error is one line on the error output. When ctx
// is done the command ends in order.
func (p *Program) Run(ctx context.Context, args []string) int {
	root := p.root() //nolint:contextcheck // Cobra hands the context to the verbs.
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(p.err, "%s %s\n", p.err.paint(red, "lilo:"), oneLine(err))
	return int(fault.KindOf(err))
}

// oneLine keeps an error on its line whatever a library put into it.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.Map(visible, err.Error())), " ")
}

// visible keeps a hostile file name or tag from steering the terminal.
func visible(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
