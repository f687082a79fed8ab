package cli

import (
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/server/auth"
)

// completeAll tells the shell, for a command and all below it, which values flags and
// arguments may have: lilo completion prints the scripts that ask.
func completeAll(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if complete := completion(f); complete != nil {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, complete) // It fails for a second one only.
		}
	})
	if cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = argument(cmd)
	}
	for _, c := range cmd.Commands() {
		completeAll(c)
	}
}

// completion returns what completes the value of a flag, nil for file names.
func completion(f *pflag.Flag) cobra.CompletionFunc {
	var value string
	if v, ok := f.Value.(*settingFlag); ok {
		value = v.kind
	} else {
		value, _ = pflag.UnquoteUsage(f)
	}
	switch {
	case f.Name == "config":
		return cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt)
	case f.Name == "region":
		return words(func(string) []string { return regions() })
	case f.Name == "to":
		return words(destinations)
	case value == "DIR":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case value == "FILE":
		return nil
	}
	if v, ok := f.Value.(*settingFlag); ok {
		return words(v.complete)
	}
	return words(func(string) []string { return nil })
}

// words returns what completes words. Where one ends with = or :, its value follows at once.
func words(of func(text string) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
		all := slices.DeleteFunc(of(text), func(w string) bool { return !strings.HasPrefix(w, text) })
		directive := cobra.ShellCompDirectiveNoFileComp
		if slices.ContainsFunc(all, func(w string) bool { return strings.HasSuffix(w, "=") || strings.HasSuffix(w, "/") }) {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return all, directive
	}
}

// destinations completes the last of several destinations: its scheme, its options, and
// the interface by which it leaves.
func destinations(text string) (all []string) {
	before := text[:strings.LastIndex(text, ",")+1]
	last := text[len(before):]
	address, query, ok := strings.Cut(last, "?")
	if !ok {
		for _, scheme := range channel.SchemeNames() {
			all = append(all, before+scheme+"://")
		}
		return all
	}
	done := query[:strings.LastIndex(query, "&")+1]
	before += address + "?" + done
	d, err := channel.ParseDestination(address)
	if err != nil {
		return nil
	}
	for _, option := range d.Kind().Options {
		value, given := strings.CutPrefix(query[len(done):], option.Key+"=")
		switch {
		case !given:
			all = append(all, before+option.Key+"=")
		case option.Key == "iface":
			for _, name := range interfaceNames() {
				all = append(all, before+option.Key+"="+name)
			}
		default:
			for _, w := range option.Complete(value) {
				all = append(all, before+option.Key+"="+w)
			}
		}
	}
	return all
}

// regions returns those of MediaLive, as its SDK lists them. Others are accepted too.
func regions() []string {
	return strings.Fields("ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 " +
		"ap-southeast-4 ap-southeast-5 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 me-central-1 sa-east-1 us-east-1 us-east-2 us-west-2")
}

func interfaceNames() (names []string) {
	all, _ := net.Interfaces() // Then there is nothing to complete.
	for _, i := range all {
		names = append(names, i.Name)
	}
	return names
}

// argument returns what completes the argument of a command: a source, other files, or nothing.
func argument(cmd *cobra.Command) cobra.CompletionFunc {
	switch {
	case strings.HasSuffix(cmd.Use, "SOURCE]"):
		return cobra.FixedCompletions([]string{"mp4", "m4v", "mov", "mkv", "webm", "ts", "avi"}, cobra.ShellCompDirectiveFilterFileExt)
	case cmd.Name() == "monitor" || cmd.Name() == "init":
		return nil
	}
	return cobra.NoFileCompletions
}

// names completes the names in a file of key pairs or logins.
func names(file *string, open func(string) (*auth.File, error)) cobra.CompletionFunc {
	return words(func(string) (all []string) {
		f, err := open(*file)
		if err != nil {
			return nil
		}
		for _, e := range f.Entries() {
			all = append(all, e.Name)
		}
		return all
	})
}
