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

func newServeCommand(p *Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "play many channels, controlled through MediaLive's API and a console",
		Long: `Plays many channels in one process. AWS's command line and SDKs create, start and
stop them like channels of AWS Elemental MediaLive, and so do people at the console
in a browser. Channels are kept: when the server starts again, those that were on
air continue their streams. Ctrl-C ends it.

Anyone on this machine may use a server that listens on a loopback address. Any
other address requires credentials: key pairs for the API, logins for the console.

The configuration file has these settings as keys, and under channels a list of the
channels to create, each written as for lilo run --config. It is read again on
SIGHUP, together with the key pairs, the logins and the certificate.`,
		Example: `  lilo serve --allow-files /media
  export AWS_ENDPOINT_URL_MEDIALIVE=http://127.0.0.1:8080; aws medialive list-channels
  lilo serve --config serve.yaml
  lilo serve --listen :8443 --tls-self --keys keys --logins logins`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), p, cmd.Flags()) },
	}
	settingFlags(cmd.Flags(), server.Settings())
	cmd.Flags().String("config", "", "read all of these, and channels, from a YAML `FILE`; flags win")
	cmd.AddCommand(newAddKeyCommand(p), newKeysCommand(p), newAddLoginCommand(p), newLoginsCommand(p), newStoreCommand(p), newNodesCommand(p), newDrainCommand(p))
	return cmd
}

// serve runs a server until ctx is done.
func serve(ctx context.Context, p *Program, flags *pflag.FlagSet) error {
	o, e, err := serveOptions(p, flags)
	if err != nil {
		return err
	}
	slog.SetDefault(e.Log)
	if p.env("GOGC") == "" {
		server.CollectGarbage(gcPercent, gcHeadroom)
	}
	e.Memory = server.LimitMemory(os.DirFS("/"))
	// From here on SIGHUP reloads the configuration instead of ending the program.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	v, err := server.New(ctx, o, e)
	if err != nil {
		return err
	}
	announceServer(p, v.Info())
	return v.Run(ctx, hangups)
}

// gcPercent is GOGC unless the environment sets it. Channels hold a few large buffers
// without pointers, so collecting often is cheap: a thousand channels take less than
// 1 MB each, instead of up to 1.5 MB with the default of 100 %.
const gcPercent = 25

// gcHeadroom is how many bytes of garbage may gather in any case: a call that creates a channel
// makes hundreds of kilobytes.
const gcHeadroom = 16 << 20

// serveOptions returns the options in the configuration and the flags.
func serveOptions(p *Program, flags *pflag.FlagSet) (server.Options, server.Environment, error) {
	o := server.DefaultOptions()
	o.State = server.StateDir(p.env)
	info, _ := debug.ReadBuildInfo()
	e := server.Environment{
		Version: version(info),
		Print:   func(line string) { fmt.Fprintln(p.out, strings.Map(printable, line)) },
	}
	if flags.Changed("config") {
		var err error
		e.ConfigPath = flags.Lookup("config").Value.String()
		if e.Config, err = server.ReadConfig(e.ConfigPath, o); err != nil {
			return o, e, fault.New(fault.Usage, "--config %w", err)
		}
		o = e.Config.Options
	}
	if err := applyFlags(flags, server.Settings(), &o); err != nil {
		return o, e, err
	}
	e.Log = slog.New(o.Logging.Handler(p.err))
	return o, e, nil
}

// announceServer prints where the server is and who may use it.
func announceServer(p *Program, i server.Info) {
	fmt.Fprintf(p.out, "serving at %s, state in %s\n", p.out.paint(bold, i.URL+"/"), i.State)
	if i.Open || i.Console {
		fmt.Fprintf(p.out, "  console: %s/\n", i.URL)
	}
	if i.Open || i.API {
		fmt.Fprintf(p.out, "  for AWS's tools: export AWS_ENDPOINT_URL_MEDIALIVE=%s\n", i.URL)
	}
	if i.Fingerprint != "" {
		fmt.Fprintf(p.out, "  certificate: SHA-256 %s\n", i.Fingerprint)
	}
	if i.Certificate != "" {
		fmt.Fprintf(p.out, "  for AWS's tools: export AWS_CA_BUNDLE=%s\n", i.Certificate)
	}
	switch {
	case i.Open:
		fmt.Fprintln(p.out, "  anybody on this machine may use it, and nobody else")
	case !i.API:
		fmt.Fprintln(p.out, "  the API is closed: --keys opens it")
	case !i.Console:
		fmt.Fprintln(p.out, "  the console is closed: --logins opens it")
	}
	if i.Exposed {
		fmt.Fprintln(p.out, "  note: passwords cross the network in clear text: --tls-self or --tls-cert encrypts them")
	}
	if p.out.live() {
		fmt.Fprintln(p.out, "  Ctrl-C ends it; channels on air continue at the next start")
	}
}
