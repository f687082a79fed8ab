package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

// newStoreCommand returns the command that looks after the state of a server.
func newStoreCommand(p *Program) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "store",
		Short: "check, repair or restore the state of a server that does not run",
		Long: `Looks after lilo.db, which holds the channels, inputs and security groups of a
server. The server must not run. It checks the file when it starts, and refuses to
start with one that is damaged. When it starts, and every day, it keeps a copy of
the state beside it, as lilo.db.good.`,
		Example: `  lilo serve store check
  lilo serve store restore --state /var/lib/lilo`,
		Args: unknownCommand,
		RunE: func(*cobra.Command, []string) error {
			return fault.New(fault.Usage, "say what to do: lilo serve store check, repair or restore")
		},
	}
	cmd.PersistentFlags().StringVar(&dir, "state", server.StateDir(p.env), "`DIR` where the state is kept (default lilo in the user's state directory)")
	cmd.PersistentFlags().Lookup("state").DefValue = "" // It is this user's; the usage says what it is.
	add := func(use, short, long string, run func() error) {
		cmd.AddCommand(&cobra.Command{
			Use: use, Short: short, Long: long, Args: noArguments, Example: "  lilo serve store " + use + " --state /var/lib/lilo",
			RunE: func(*cobra.Command, []string) error { return run() },
		})
	}
	add("check", "say what the state and its copy hold, and whether they are whole",
		`Reads lilo.db and its copy as a whole, prints what they hold, and changes nothing. The
exit code is 13 if lilo.db is damaged.`, func() error { return checkStore(p, dir) })
	add("repair", "keep what can be read of a damaged state",
		`Makes a new lilo.db of all records that can be read: those of the last commit, or of
the one before if that is whole. The damaged file is kept beside it.`, func() error { return repairStore(p, dir) })
	add("restore", "put back the last good copy of the state",
		`Replaces lilo.db by the copy that the server kept when it started last, or a day
ago at most. What changed since is lost. The file that was there is kept beside it.`, func() error { return restoreStore(p, dir) })
	return cmd
}

// printSummary prints what a file holds.
func printSummary(p *Program, s *bolt.Summary) {
	verdict := "whole"
	if s.Damage != nil {
		verdict = "damaged: " + s.Damage.Error()
	}
	fmt.Fprintf(p.out, "%s, written %s\n  %s\n  %s\n", s.Path, s.Written.Format(time.DateTime), s, verdict)
}

func checkStore(p *Program, dir string) error {
	s, err := bolt.Check(dir, bolt.FileName)
	if err != nil {
		return err
	}
	printSummary(p, s)
	switch good, err := bolt.Check(dir, bolt.CopyName); {
	case err == nil:
		printSummary(p, good)
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintln(p.out, "there is no copy")
	default:
		fmt.Fprintf(p.out, "the copy cannot be read: %v\n", err)
	}
	if s.Damage != nil {
		return fault.New(fault.State, "%s is damaged: %s", s.Path, bolt.Advice(s.Path))
	}
	return nil
}

func repairStore(p *Program, dir string) error {
	r, err := bolt.Repair(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s holds %s\n  what was there is %s\n", r.Path, r, r.Aside)
	if len(r.Lost) > 0 {
		fmt.Fprintf(p.out, "  of the last good copy, %d records are missing: %s\n", len(r.Lost), firstFew(r.Lost))
	}
	return nil
}

// firstFew returns the first few names.
func firstFew(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func restoreStore(p *Program, dir string) error {
	r, err := bolt.Restore(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s holds %s, as of %s\n", r.Path, r, r.Written.Format(time.DateTime))
	if r.Aside != "" {
		fmt.Fprintf(p.out, "  what was there is %s\n", r.Aside)
	}
	return nil
}
