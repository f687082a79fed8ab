package cli

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/lilo-live/lilo/internal/aws/archive"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/doctor"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
)

// Program is the command line. Its fields are what the commands need of the world
// around them, which tests replace.
type Program struct {
	out, err terminal
	prompt   prompt
	env      func(string) string
	now      func() time.Time
	wait     func(context.Context, time.Duration) error
	backoff  time.Duration // the longest pause before AWS is asked again
	open     func(context.Context, channel.Spec) (playlist, error)
	probe    func(context.Context, channel.Spec) (player.Report, error)
	encode   func(ctx context.Context, spec channel.Spec, file string) error // writes the mezzanine
	examine  func(context.Context, doctor.Patient) []doctor.Finding
	// functions returns the archive of the functions of a deployment.
	functions func() ([]byte, error)
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
		out: newTerminal(out, env), err: newTerminal(err, env), prompt: newPrompt(os.Stdin),
		env: env, now: time.Now, wait: wait, backoff: 20 * time.Second, examine: doctor.Examine, functions: archive.Functions,
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
	p.encode = func(ctx context.Context, spec channel.Spec, file string) error {
		opts, done := p.playerOptions()
		defer done()
		return encodeTo(ctx, spec, file, opts)
	}
	return p
}

// playerOptions returns the options with which a command opens its source. On a
// terminal they show the progress of fetching and encoding until done is called.
func (p *Program) playerOptions() (o player.Options, done func()) {
	o = player.LocalOptions()
	line := newProgressLine(p.err, p.now, 0)
	o.Source.Progress = line.fetching
	o.Encoding = line.encoding
	return o, line.close
}

// wait returns nil when d has passed, and the error of ctx if that is done first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
