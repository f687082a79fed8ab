package player

import (
	"context"
	"log/slog"
	"time"

	"github.com/lilo-live/lilo/internal/admission"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// Options configures a Player, and Open and Probe. The zero value opens no
// files and no private addresses.
type Options struct {
	// Log receives warnings; nil discards them.
	Log *slog.Logger
	// Source restricts sources. Its Notify defaults to Log.
	Source source.Options
	// Password returns the value of the parameter of a login; nil knows none.
	Password func(parameter string) (string, error)
	// Admission gives turns and memory for opening sources; nil limits nothing.
	Admission *admission.Control
	// Encoding, if not nil, receives the progress of encoding, on any goroutine.
	Encoding func(encode.Progress)
	// OpenSource opens sources; nil means source.Open.
	OpenSource func(ctx context.Context, name string, o source.Options) (source.Source, error)
	// NewClock returns the clock that channels are sent by; nil means playout.NewClock.
	NewClock func() (playout.Clock, error)
	// Dial opens the sockets of destinations; nil opens those of this machine.
	Dial output.Dialer

	now func() time.Time // of a Player, that of its clock
}

// LocalOptions returns the options of a user at a command line, who may open
// everything. Warnings go to the default logger.
func LocalOptions() Options {
	return Options{Log: slog.Default(), Source: source.Options{AllowFiles: true, AllowPrivate: true}}
}

// complete sets the defaults.
func (o Options) complete() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Source.Notify == nil {
		o.Source.Notify = func(line string) { o.Log.Warn(line) }
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.Password == nil {
		o.Password = func(parameter string) (string, error) {
			return "", fault.New(fault.Usage, "there is no parameter %q", parameter)
		}
	}
	if o.OpenSource == nil {
		o.OpenSource = source.Open
	}
	if o.NewClock == nil {
		o.NewClock = playout.NewClock
	}
	return o
}

// sourceOf returns the options that a spec's source is opened with.
func (o Options) sourceOf(s channel.Spec) source.Options {
	opts := o.Source
	opts.User = s.Login.User
	opts.Password = func() (password string, err error) {
		if s.Login.Parameter != "" {
			password, err = o.Password(s.Login.Parameter)
		}
		return password, err
	}
	return opts
}
