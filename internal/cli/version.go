package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *Program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			_, err := fmt.Fprintln(p.out, version(info))
			return err
		},
	}
}

// version returns the module's version, the commit it was built from and the Go it was built with.
func version(info *debug.BuildInfo) string {
	number, commit := "(devel)", ""
	if info != nil {
		if info.Main.Version != "" {
			number = info.Main.Version
		}
		commit = revision(info.Settings)
	}
	return fmt.Sprintf("lilo %s%s, %s %s/%s", number, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision returns " commit" and the commit, or nothing if it was not recorded.
func revision(settings []debug.BuildSetting) string {
	commit, changed := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			commit = " commit " + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " (changed)"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed
}
