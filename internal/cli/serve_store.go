package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/setting"
)

// newStoreCommand returns the command that looks after the state of a server.
func newStoreCommand(p *Program) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "store",
		Short: "check, repair, restore or copy the state of a server that does not run",
		Long: `Looks after lilo.db, which holds the channels, inputs and security groups of a
server. The server must not run. It checks the file when it starts, and refuses to
start with one that is damaged. When it starts, and every day, it keeps a copy of
the state beside it, as lilo.db.good.`,
		Example: `  lilo serve store check
  lilo serve store restore --state /var/lib/lilo`,
		Args: unknownCommand,
		RunE: func(*cobra.Command, []string) error {
			return fault.New(fault.Usage, "say what to do: lilo serve store check, repair, restore or copy")
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
	cmd.AddCommand(newStoreCopyCommand(p))
	return cmd
}

// newStoreCopyCommand returns the command that copies a state.
func newStoreCopyCommand(p *Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "copy the state of a server into etcd, or back",
		Long: `Copies all channels, inputs and security groups. FROM and TO are each a state
directory, or an etcd as in --store of lilo serve. TO must hold none. A copy that did
not end is made again by the same command, and no server starts with half of one.`,
		Example: `  lilo serve store copy /var/lib/lilo etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/lilo
  lilo serve store copy etcd://10.0.0.1:2379/lilo /var/lib/lilo`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fault.New(fault.Usage, "say what to copy, and where: lilo serve store copy FROM TO")
			}
			return nil
		},
	}
	settings := slices.DeleteFunc(server.Settings(), func(f setting.Field[server.Options]) bool { return !strings.HasPrefix(f.Key, "store-") })
	settingFlags(cmd.Flags(), settings)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var o server.Options
		if err := applyFlags(cmd.Flags(), settings, &o); err != nil {
			return err
		}
		return copyStore(cmd.Context(), p, args[0], args[1], o.StoreFiles)
	}
	return cmd
}

func copyStore(ctx context.Context, p *Program, from, to string, files etcd.Files) (err error) {
	if !etcd.IsURL(from) {
		if _, err := bolt.Check(from, bolt.FileName); err != nil {
			return err // Opening it would make it.
		}
	}
	a, err := openStore(ctx, from, files)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	b, err := openStore(ctx, to, files)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	all, err := store.Copy(ctx, a, b)
	name := to
	if at, err := etcd.Parse(to, files); err == nil {
		name = fmt.Sprintf("%s in etcd at %s", at.Prefix, at)
	}
	if errors.Is(err, store.ErrOccupied) {
		return fault.New(fault.Usage, "%s has records already, and nothing was copied: name another directory, or another prefix of the etcd", name)
	}
	if err != nil {
		return fault.New(fault.Destination, "the state could not be copied: %w", err)
	}
	s := bolt.Summary{Records: map[string]int{}}
	for _, w := range all {
		s.Records[w.Kind]++
	}
	fmt.Fprintf(p.out, "%s holds %s\n", name, &s)
	return nil
}

// openStore opens the store of an etcd or of a state directory.
func openStore(ctx context.Context, name string, files etcd.Files) (store.Store, error) {
	if !etcd.IsURL(name) {
		s, err := bolt.Open(name)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	at, err := etcd.Parse(name, files)
	if err != nil {
		return nil, err
	}
	s, err := etcd.Open(ctx, at, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return s, nil
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
