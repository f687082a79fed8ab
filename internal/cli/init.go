package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server"
)

func (p *Program) initCommand() *cobra.Command {
	serve := false
	cmd := &cobra.Command{
		Use:   "init [--serve] [FILE]",
		Short: "write a configuration file to start from",
		Long: `Writes lilo.yaml, or FILE, with every setting of a channel, what it is for and its
default, all commented out. With --serve it writes serve.yaml, with those of a
server. A file that exists is left alone.

Editors that know the YAML language server check and complete the file.`,
		Example: `  lilo init && lilo run --config lilo.yaml
  lilo init --serve`,
		Args: atMostOne("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			file, text := "lilo.yaml", channel.Init()
			if serve {
				file, text = "serve.yaml", server.Init()
			}
			if len(args) > 0 {
				file = args[0]
			}
			return p.writeNew(file, text)
		},
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "write the configuration of a server")
	return cmd
}

// writeNew writes a file that does not exist yet.
func (p *Program) writeNew(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Usage, "%s exists: name another file, or remove it first", file)
	}
	if err == nil {
		_, err = f.WriteString(text)
		err = cmp.Or(err, f.Close())
	}
	if err != nil {
		return fault.New(fault.Usage, "%s cannot be written: %w", file, fault.Reason(err))
	}
	_, err = fmt.Fprintln(p.out, "wrote", file)
	return err
}

func (p *Program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [serve]",
		Short: "print the JSON Schema of a configuration file",
		Long: `Prints the JSON Schema of a channel's YAML (lilo.yaml), or with serve that of a
server's (serve.yaml), for editors and for checks before a file is used.`,
		Example:   `  lilo schema > lilo.schema.json`,
		ValidArgs: []string{"serve"},
		Args:      cobra.MatchAll(atMostOne("name"), onlyServe),
		RunE: func(_ *cobra.Command, args []string) error {
			schema := channel.Schema
			if len(args) > 0 {
				schema = server.Schema
			}
			text, err := schema()
			if err == nil {
				_, err = p.out.Write(text)
			}
			return err
		},
	}
}

func onlyServe(_ *cobra.Command, args []string) error {
	if len(args) > 0 && args[0] != "serve" {
		return fault.New(fault.Usage, "there is no schema %q: write lilo schema for a channel's, lilo schema serve for a server's", args[0])
	}
	return nil
}
