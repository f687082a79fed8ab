package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server"
	"github.com/lilo-live/lilo/internal/server/fleet"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/setting"
)

// newNodesCommand returns the command that lists the servers that share an etcd.
func newNodesCommand(p *Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "nodes",
		Short:   "list the servers that share channels in an etcd",
		Long:    "Lists the servers that share channels in an etcd: name, address, pipelines that each\nplays, capacity, labels, and whether it gives them away.",
		Example: "  lilo serve nodes --store etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/lilo",
		Args:    noArguments,
	}
	withEtcd(cmd, func(ctx context.Context, c *etcd.Client, _ []string) error {
		all, err := fleet.Nodes(ctx, c)
		if err != nil {
			return fault.Of(fault.Destination, err)
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NODE\tADDRESS\tPIPELINES\tCAPACITY\tLABELS\tSTATE")
		for _, n := range all {
			var labels []string
			for name, value := range n.Labels {
				labels = append(labels, name+"="+value)
			}
			slices.Sort(labels)
			fmt.Fprintf(w, "%s\t%s\t%d\t%d Mb/s\t%s\t%s\n", n.ID, n.Address, n.Pipelines, n.Capacity/1_000_000, strings.Join(labels, ","), nodeState(n))
		}
		return w.Flush()
	})
	return cmd
}

func nodeState(n fleet.Status) string {
	switch {
	case n.Run == "":
		return "does not run, draining when it does"
	case n.Draining || n.Asked:
		return "draining"
	case n.Refuses != "":
		return "takes nothing: it " + n.Refuses
	}
	return "up since " + n.Since.Local().Format(time.DateTime)
}

// newDrainCommand returns the command that has a server give its channels to others.
func newDrainCommand(p *Program) *cobra.Command {
	var end, wait bool
	cmd := &cobra.Command{
		Use:   "drain NODE",
		Short: "have a server give its channels to the others",
		Long: `Has a server that shares channels with others give them away, without losing a
datagram, and take none until drain --end. A server that is stopped does so by itself.`,
		Example: `  lilo serve drain lilo-1 --store etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/lilo
  lilo serve drain lilo-1 --end --store etcd://10.0.0.1:2379/lilo`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Usage, "say which server: lilo serve drain NODE (lilo serve nodes lists them)")
			}
			return nil
		},
	}
	withEtcd(cmd, func(ctx context.Context, c *etcd.Client, args []string) error {
		if err := fleet.SetDrain(ctx, c, args[0], !end); err != nil {
			return fault.Of(fault.Destination, err)
		}
		if end {
			fmt.Fprintf(p.out, "%s takes channels again\n", args[0])
			return nil
		}
		return awaitDrained(ctx, p, c, args[0], wait)
	})
	cmd.Flags().BoolVar(&end, "end", false, "let it take channels again")
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until it has given all away, a minute at most")
	return cmd
}

// awaitDrained waits until a node holds nothing.
func awaitDrained(ctx context.Context, p *Program, c *etcd.Client, node string, wait bool) error {
	held := 0
	for deadline := time.Now().Add(time.Minute); ; {
		all, err := fleet.Nodes(ctx, c)
		if err != nil {
			return fault.Of(fault.Destination, err)
		}
		if i := slices.IndexFunc(all, func(s fleet.Status) bool { return s.ID == node }); i >= 0 {
			held = all[i].Pipelines
		}
		switch {
		case held == 0:
			fmt.Fprintf(p.out, "%s has given all its channels away, and takes none until: lilo serve drain --end %s\n", node, node)
			return nil
		case !wait:
			fmt.Fprintf(p.out, "%s gives %d pipelines away\n", node, held)
			return nil
		case time.Now().After(deadline):
			return fault.New(fault.Destination, "%s still has %d pipelines: no other server has room, files, interfaces and labels for them", node, held)
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// withEtcd gives a command the settings that say where etcd is, and runs it with a client.
func withEtcd(cmd *cobra.Command, run func(ctx context.Context, c *etcd.Client, args []string) error) {
	settings := slices.DeleteFunc(server.Settings(), func(f setting.Field[server.Options]) bool {
		return f.Key != "store" && !strings.HasPrefix(f.Key, "store-")
	})
	settingFlags(cmd.Flags(), settings)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var o server.Options
		if err := applyFlags(cmd.Flags(), settings, &o); err != nil {
			return err
		}
		if o.Store == "" {
			return fault.New(fault.Usage, "say where etcd is, as the servers do: --store etcd://host:2379/prefix")
		}
		at, err := etcd.Parse(o.Store, o.StoreFiles)
		if err != nil {
			return fault.New(fault.Usage, "--store: %w", err)
		}
		c := etcd.New(at)
		defer c.Close()
		return run(cmd.Context(), c, args)
	}
}
