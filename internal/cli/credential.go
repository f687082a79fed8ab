package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/auth"
)

func newAddKeyCommand(p *Program) *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use:   "add-key --keys FILE [NAME]",
		Short: "make a key pair for a client of the API",
		Long: `Makes a key pair, adds it to the file as a section of that name, and prints the
variables that the client sets. The file has the format of AWS's credentials file
and mode 0600.`,
		Example: `  lilo serve add-key --keys keys ci`,
		Args:    atMostOne("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			return addKey(p, file, append(args, "lilo")[0])
		},
	}
	cmd.Flags().StringVar(&file, "keys", "", "`FILE` to add it to")
	return cmd
}

func addKey(p *Program, file, name string) error {
	switch {
	case file == "":
		return fault.New(fault.Usage, "--keys FILE is missing: give the file to add the key pair to")
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("[]#;=", r) }):
		return fault.New(fault.Usage, "%q cannot be the name of a section: use letters and digits", name)
	}
	id, secret, section := auth.NewKey(name)
	if err := auth.Append(file, section); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", id, secret)
	return err
}

func newAddLoginCommand(p *Program) *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use:   "add-login --logins FILE NAME",
		Short: "add a login for the console",
		Long: `Asks for a password, or reads it from standard input, and adds a line NAME:HASH
to the file, with an argon2id hash.`,
		Example: `  lilo serve add-login --logins logins anna`,
		Args:    atMostOne("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			return addLogin(p, file, append(args, "")[0])
		},
	}
	cmd.Flags().StringVar(&file, "logins", "", "`FILE` to add it to")
	return cmd
}

func addLogin(p *Program, file, name string) error {
	if file == "" {
		return fault.New(fault.Usage, "--logins FILE is missing: give the file to add the login to")
	}
	if err := auth.CheckLogin(name); err != nil {
		return err
	}
	if old, err := auth.ReadLogins(file); err == nil && old.Has(name) {
		return fault.New(fault.Usage, "%s already has a login in %s: remove that line first", name, file)
	}
	password, err := p.prompt.password(p.err)
	if err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	if err := auth.Append(file, name+":"+hash+"\n"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s may log in with %s\n", name, file)
	return err
}
