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
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
)

// Program is the command line and what it uses of the world around it.
type Program struct {
	in       io.Reader
	out, err terminal
	prompt   prompt
	env      func(string) string
	now      func() time.Time
	wait     func(context.Context, time.Duration) error
	backoff  time.Duration // the longest pause before AWS is asked again; 0 for the usual
	open     func(context.Context, channel.Spec) (playlist, error)
	probe    func(context.Context, channel.Spec) (player.Report, error)
}

// playlist is what render needs of a player.Playlist.
type playlist interface {
	Report() player.Report
	Due(n packet.Number) time.Duration
	Render(ctx context.Context, w io.Writer, from, to time.Duration, progress func(float64)) (packet.Number, error)
	Close() error
}

// New returns the program that writes to out and err and reads the environment
// through env.
func New(out, err io.Writer, env func(string) string) *Program {
	p := &Program{
		in: os.Stdin, out: newTerminal(out, env), err: newTerminal(err, env), prompt: newPrompt(os.Stdin),
		env: env, now: time.Now, wait: wait,
	}
	p.open = func(ctx context.Context, spec channel.Spec) (playlist, error) {
		opts, done := p.playerOptions()
		defer done()
		list, err := player.Open(ctx, player.Config{Spec: spec}, opts)
		if err != nil {
			return nil, err
		}
		return list, nil
	}
	p.probe = func(ctx context.Context, spec channel.Spec) (player.Report, error) {
		opts, done := p.playerOptions()
		defer done()
		return player.Probe(ctx, spec, opts)
	}
	return p
}

// Run executes one command line and returns the exit code, one of those in
// docs/reference/errors.md. An error is one line on the error output. When ctx is done the
// command ends in an orderly way.
func (p *Program) Run(ctx context.Context, args []string) int {
	root := p.root() //nolint:contextcheck // Cobra passes the context to the commands.
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(p.err, "%s %s\n", p.err.paint(red, "lilo:"), oneLine(err))
	return int(fault.KindOf(err))
}

// oneLine returns the text of an error on one line, whatever a library put into it.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.Map(printable, err.Error())), " ")
}

// printable replaces control characters by blanks, so that a hostile file name or
// tag cannot control the terminal.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
