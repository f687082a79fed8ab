package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server"
)

func (p *Program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "play many channels, behind MediaLive's API and a console",
		Long: `Plays many channels in one process, which AWS's command line and SDKs create,
start and stop as if they were AWS Elemental MediaLive's, and people at the
console in a browser. Channels are kept: when the server is started again, those
that were on air go on in the same streams. Ctrl-C ends it.

Anybody on this machine may use a server that listens on a loopback address. Any
other address wants credentials: key pairs for the API, logins for the console.

A configuration has these settings as keys, and under channels a list of
channels that there should be, each as lilo run --config has it. It is read
again on SIGHUP, with the key pairs, the logins and the certificate.`,
		Example: `  lilo serve --allow-files /media
  export AWS_ENDPOINT_URL_MEDIALIVE=http://127.0.0.1:8080; aws medialive list-channels
  lilo serve --config serve.yaml
  lilo serve --listen :8443 --tls-self --keys keys --logins logins`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), cmd.Flags()) },
	}
	serveFlags(cmd.Flags())
	cmd.AddCommand(p.addKeyCommand(), p.addLoginCommand())
	return cmd
}

// serveFlags adds a flag for every setting of a server, and --config.
func serveFlags(flags *pflag.FlagSet) {
	settingFlags(flags, server.Settings())
	flags.VarP(&flagValue{kind: "FILE"}, "config", "", "read all of these, and channels, from YAML; flags win")
}

func (p *Program) serve(ctx context.Context, flags *pflag.FlagSet) error {
	o, s, err := p.serveOptions(flags)
	if err != nil {
		return err
	}
	slog.SetDefault(s.Log)
	if p.env("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	// From here on SIGHUP does not end the program.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	v, err := server.New(ctx, o, s)
	if err != nil {
		return err
	}
	p.announceServer(v.Info())
	return v.Run(ctx, reloads(ctx, hangups))
}

// garbage is how much of it may lie about, in per cent of what channels hold. They
// hold a few large buffers each, which the collector need not read: it can come
// often, and a thousand channels stay below 1 MB each, where the usual 100 % would
// have them take up to 1.5.
const garbage = 25

// serveOptions returns what the configuration and the flags say.
func (p *Program) serveOptions(flags *pflag.FlagSet) (server.Options, server.Environment, error) {
	o := server.DefaultOptions()
	o.State = server.StateDir(p.env)
	s := server.Environment{
		Log: slog.New(server.RedactHandler(slog.NewTextHandler(p.err, nil))), Getenv: p.env, Version: serverVersion(),
		Print: func(line string) { fmt.Fprintln(p.out, strings.Map(printable, line)) },
	}
	if file := given(flags, "config"); file != nil {
		s.ConfigPath = file[0]
		var err error
		if s.Config, err = server.ReadConfig(file[0], o); err != nil {
			return o, s, fault.New(fault.Usage, "--config %w", err)
		}
		o = s.Config.Options
	}
	return o, s, applyFlags(flags, server.Settings(), &o)
}

func serverVersion() string {
	info, _ := debug.ReadBuildInfo()
	return version(info)
}

// reloads turns signals into what they mean.
func reloads(ctx context.Context, hangups <-chan os.Signal) <-chan struct{} {
	wanted := make(chan struct{})
	go func() {
		for {
			select {
			case <-hangups:
			case <-ctx.Done():
				return
			}
			select {
			case wanted <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return wanted
}

// announceServer says where the server is and who may use it.
func (p *Program) announceServer(a server.Info) {
	fmt.Fprintf(p.out, "serving at %s, state in %s\n", p.out.paint(bold, a.URL+"/"), a.State)
	if a.Open || a.Console {
		fmt.Fprintf(p.out, "  console: %s/\n", a.URL)
	}
	if a.Open || a.API {
		fmt.Fprintf(p.out, "  for AWS's tools: export AWS_ENDPOINT_URL_MEDIALIVE=%s\n", a.URL)
	}
	if a.Fingerprint != "" {
		fmt.Fprintf(p.out, "  certificate: SHA-256 %s\n", a.Fingerprint)
	}
	if a.Certificate != "" {
		fmt.Fprintf(p.out, "  for AWS's tools: export AWS_CA_BUNDLE=%s\n", a.Certificate)
	}
	switch {
	case a.Open:
		fmt.Fprintln(p.out, "  anybody on this machine may use it, and nobody else")
	case !a.API:
		fmt.Fprintln(p.out, "  the API is closed: --keys opens it")
	case !a.Console:
		fmt.Fprintln(p.out, "  the console is closed: --logins opens it")
	}
	if a.Exposed {
		fmt.Fprintln(p.out, "  note: passwords cross the network as they are: --tls-self or --tls-cert encrypts them")
	}
	if p.out.live() {
		fmt.Fprintln(p.out, "  Ctrl-C ends it; what is on air goes on at the next start")
	}
}
