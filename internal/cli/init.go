package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server"
)

func newInitCommand(p *Program) *cobra.Command {
	serve := false
	cmd := &cobra.Command{
		Use:   "init [--serve] [FILE]",
		Short: "write a configuration file to start from",
		Long: `Writes lilo.yaml, or FILE, with every setting of a channel, its meaning and its
default, all commented out. With --serve it writes serve.yaml, with the settings
of a server. An existing file is left alone; - is the standard output.

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
			switch file {
			case "":
				return fault.New(fault.Usage, "FILE is empty: name the file to write, or - for the standard output")
			case "-":
				_, err := io.WriteString(p.out, text)
				return err
			}
			if err := writeNew(file, text); err != nil {
				return err
			}
			_, err := fmt.Fprintln(p.out, "wrote", file)
			return err
		},
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "write the configuration of a server")
	return cmd
}

// writeNew writes a file that does not exist yet.
func writeNew(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Usage, "%s exists: name another file, or remove it first", file)
	}
	if err == nil {
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(file)
		}
	}
	if err != nil {
		return fault.New(fault.Destination, "cannot write %s: %w", file, fault.Reason(err))
	}
	return nil
}

func newSchemaCommand(p *Program) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [serve]",
		Short: "print the JSON Schema of a configuration file",
		Long: `Prints the JSON Schema of a channel's YAML (lilo.yaml) or, with serve, of a
server's (serve.yaml). Editors complete files with it, and scripts check them.`,
		Example:   `  lilo schema > lilo.schema.json`,
		ValidArgs: []string{"serve"},
		Args:      atMostOne("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			schema := channel.Schema
			if len(args) > 0 {
				if args[0] != "serve" {
					return fault.New(fault.Usage, "there is no schema %q: write lilo schema for a channel's, lilo schema serve for a server's", args[0])
				}
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
