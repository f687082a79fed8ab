package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersionCommand(p *Program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return printVersion(p) },
	}
}

func printVersion(p *Program) error {
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintln(p.out, version(info))
	return err
}

// version returns the module's version, the commit it was built from and the Go it was built with.
func version(info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = " commit " + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " (changed)"
		}
	}
	return fmt.Sprintf("lilo %s%s%s, %s %s/%s", cmp.Or(info.Main.Version, "(devel)"), commit, changed, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
