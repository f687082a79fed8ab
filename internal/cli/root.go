package cli

import (
	"cmp"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// newRootCommand returns the command lilo with all others below it.
func newRootCommand(p *Program) *cobra.Command {
	root := &cobra.Command{
		Use:   "lilo",
		Short: "play an MP4 for ever as a live MPEG transport stream",
		Long: `LILO plays an MP4 for ever as a live channel: an MPEG transport stream of
constant rate, over RTP or UDP, in which nothing shows where the file ends.`,
		Example: `  lilo run                                      play the bundled clip to rtp://127.0.0.1:5000
  lilo run movie.mp4 --to rtp://239.1.1.1:5000  play a file to a multicast group
  lilo movie.mp4                                the same as lilo run movie.mp4
  lilo probe movie.mp4                          what a file holds, and how it loops`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if on, _ := cmd.Flags().GetBool("version"); on {
				return printVersion(p)
			}
			return cmd.Help()
		},
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	root.Flags().Bool("version", false, "print the version")
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [COMMAND]",
		Short: "show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return cmp.Or(err, unknownCommand(cmd, rest))
			}
			return cmd.Help()
		},
	})
	root.AddCommand(newRunCommand(p), newRenderCommand(p), newProbeCommand(p), newMonitorCommand(p), newServeCommand(p),
		newInitCommand(p), newSchemaCommand(p),
		newDeployCommand(p), newDestroyCommand(p), newStartCommand(p), newStopCommand(p), newStatusCommand(p), newLogsCommand(p), newSynthCommand(p),
		newDoctorCommand(p), newCacheCommand(p), newVersionCommand(p))
	hideFlagsInUsage(root)
	completeAll(root)
	return root
}

// withRun puts run before arguments that begin with a source instead of a command: a URL,
// a path, or a file that has the name of no command.
func withRun(root *cobra.Command, args []string) []string {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return args
	}
	info, err := os.Stat(args[0])
	isFile := err == nil && !info.IsDir()
	if cmd, _, err := root.Find(args[:1]); err == nil && cmd != root || !isFile && !strings.ContainsAny(args[0], "./") {
		return args
	}
	return append([]string{"run"}, args...)
}

// hideFlagsInUsage keeps cobra from adding "[flags]" to usage lines, which name the
// flags that matter.
func hideFlagsInUsage(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	for _, c := range cmd.Commands() {
		hideFlagsInUsage(c)
	}
}

// unknownCommand returns an error that suggests what was probably meant.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return fault.New(fault.Usage, "there is no command %q%s", args[0], setting.DidYouMean(args[0], names, " (lilo --help lists them)"))
}

// atMostOne returns the argument check of a command that takes at most one argument.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fault.New(fault.Usage, "%s takes one %s, not %d (%q is the second)",
				cmd.CommandPath(), what, len(args), args[1])
		}
		return nil
	}
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fault.New(fault.Usage, "%s takes no argument (%q is one)", cmd.CommandPath(), args[0])
	}
	return nil
}
