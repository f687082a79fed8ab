package cli

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
	remote "github.com/lilo-live/lilo/internal/source"
)

func newCacheCommand(p *Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "list and clear fetched and encoded files",
		Long: `LILO keeps what it fetches and encodes for the next start: in LILO_CACHE, or in
lilo in the user's cache folder, up to LILO_CACHE_SIZE (20G). The least recently
used file is removed first; files in use are never removed.`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCacheListCommand(p), newCacheClearCommand(p))
	return cmd
}

func newCacheListCommand(p *Program) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "list [--json]",
		Short:   "list the cache, most recently used first",
		Example: `  lilo cache list --json | jq -r '.entries[].name'`,
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return listCache(p, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// cacheReport is the output of lilo cache list --json.
type cacheReport struct {
	Folder  string       `json:"folder"`
	Limit   int64        `json:"limit"`  // bytes
	Stored  int64        `json:"stored"` // bytes
	Entries []cache.Info `json:"entries"`
}

func listCache(p *Program, asJSON bool) error {
	c, err := cache.Open(p.env)
	if err != nil {
		return err
	}
	all, err := c.List()
	if err != nil {
		return err
	}
	r := cacheReport{Folder: c.Dir(), Limit: c.Limit(), Entries: append([]cache.Info{}, all...)}
	for _, i := range all {
		r.Stored += i.Stored
	}
	text := fmt.Sprintf("%s in %s, %s of %s\n", counted(len(all), "file"), r.Folder, size(r.Stored), size(r.Limit))
	if len(all) > 0 {
		text = table(func(w *tabwriter.Writer) {
			fmt.Fprintln(w, "used\tkind\tstored\tof\tin use\tname")
			for _, i := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", i.Used.Format("2006-01-02 15:04"), i.Kind, size(i.Stored), size(i.Size),
					map[bool]string{true: "yes", false: "no"}[i.InUse], i.Name)
			}
		}) + text
	}
	return p.out.print(asJSON, r, text)
}

func newCacheClearCommand(p *Program) *cobra.Command {
	everything := false
	cmd := &cobra.Command{
		Use:   "clear (--all | SOURCE)",
		Short: "remove a source from the cache, or everything",
		Long: `Removes all versions of a source from the cache, or everything. Files that a
channel is playing are listed and stay.`,
		Example: `  lilo cache clear https://example.com/movie.mp4
  lilo cache clear --all`,
		Args: atMostOne("SOURCE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if everything == (len(args) == 1) {
				return fault.New(fault.Usage, "say what to clear: a SOURCE, or --all (lilo cache list shows the sources)")
			}
			return clearCache(p, args)
		},
	}
	cmd.Flags().BoolVar(&everything, "all", false, "everything that is not in use")
	return cmd
}

// clearCache removes the entries of a name, or all if none is given.
func clearCache(p *Program, name []string) error {
	c, err := cache.Open(p.env)
	if err != nil {
		return err
	}
	all, err := c.List()
	if err != nil {
		return err
	}
	removed, freed := 0, int64(0)
	for _, i := range all {
		if len(name) == 1 && !matches(i, name[0]) {
			continue
		}
		switch err := c.Remove(i.ID); {
		case errors.Is(err, cache.ErrInUse):
			fmt.Fprintf(p.out, "%s is in use and stays\n", i.Name)
		case err != nil:
			return fault.New(fault.Source, "%s cannot be removed: %w", c.Path(i.ID, ""), err)
		default:
			removed++
			freed += i.Stored
		}
	}
	_, err = fmt.Fprintf(p.out, "%s removed, %s freed\n", counted(removed, "file"), size(freed))
	return err
}

// matches reports whether name is that of the entry, as it was typed or as it is listed.
func matches(i cache.Info, name string) bool {
	if rest, ok := strings.CutPrefix(name, "s3ssl://"); ok {
		name = "s3://" + rest
	}
	return i.Name == name || i.Name == remote.Redact(name) || i.ID == name
}
