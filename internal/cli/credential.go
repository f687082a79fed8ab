package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/auth"
	"github.com/lilo-live/lilo/internal/setting"
)

func newAddKeyCommand(p *Program) *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use:   "add-key --keys FILE [NAME]",
		Short: "make a key pair for a client of the API",
		Long: `Makes a key pair, puts it into the file as the section of that name, and prints the
variables that the client sets. A key pair that had the name is replaced. The file
has the format of AWS's credentials file and mode 0600. A server that runs reads it
again on SIGHUP.`,
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
	f, err := auth.OpenKeys(file)
	if err != nil {
		return err
	}
	id, secret, section := auth.NewKey(name)
	f.Put(name, section)
	if err := f.Save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", id, secret)
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
		return fault.New(fault.Usage, "%s already has a login in %s: take it away first with lilo serve logins revoke --logins %s %s", name, file, file, name)
	}
	f, err := auth.OpenLogins(file)
	if err != nil {
		return err
	}
	password, err := p.prompt.password(p.err)
	if err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	f.Put(name, name+":"+hash+"\n")
	if err := f.Save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s may log in with %s\n", name, file)
	return err
}

func newKeysCommand(p *Program) *cobra.Command {
	return newCredentialsCommand(p, "keys", "key pair", auth.OpenKeys)
}

func newLoginsCommand(p *Program) *cobra.Command {
	return newCredentialsCommand(p, "logins", "login", auth.OpenLogins)
}

// newCredentialsCommand returns the command that lists and revokes what a file holds.
func newCredentialsCommand(p *Program, name, what string, open func(string) (*auth.File, error)) *cobra.Command {
	file := ""
	cmd := &cobra.Command{
		Use:   name,
		Short: "list and revoke the " + what + "s of a file",
		Long: `Lists and revokes the ` + what + `s of the file of --` + name + `. A server that runs reads the file
again on SIGHUP (systemctl reload lilo): until then, a revoked ` + what + ` still opens it.`,
		Example: "  lilo serve " + name + " list --" + name + " " + name + "\n  lilo serve " + name + " revoke --" + name + " " + name + " anna",
		Args:    unknownCommand,
		RunE: func(*cobra.Command, []string) error {
			return fault.New(fault.Usage, "say what to do: lilo serve %s list or revoke", name)
		},
	}
	cmd.PersistentFlags().StringVar(&file, name, "", "`FILE` that holds them")
	read := func() (*auth.File, error) {
		if file == "" {
			return nil, fault.New(fault.Usage, "--%s FILE is missing: give the file that holds the %ss", name, what)
		}
		if _, err := os.Stat(file); err != nil {
			return nil, fault.New(fault.Usage, "%s: %w", file, fault.Reason(err))
		}
		return open(file)
	}
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "print the name of each " + what, Args: noArguments,
		Long:    "Prints a line for each " + what + ": its name and, of a key pair, the access key id. Secrets\nare not printed.",
		Example: "  lilo serve " + name + " list --" + name + " " + name,
		RunE: func(*cobra.Command, []string) error {
			f, err := read()
			if err != nil {
				return err
			}
			for _, e := range f.Entries() {
				fmt.Fprintln(p.out, strings.Map(printable, strings.TrimSpace(e.Name+" "+e.KeyID())))
			}
			return nil
		},
	}, &cobra.Command{
		Use: "revoke NAME", Short: "take a " + what + " out of the file", Args: atMostOne("NAME"), ValidArgsFunction: names(&file, open),
		Long:    "Takes the " + what + " of that name out of the file. The server notices on SIGHUP.",
		Example: "  lilo serve " + name + " revoke --" + name + " " + name + " anna",
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := read()
			if err != nil {
				return err
			}
			return revoke(p, f, file, what, append(args, "")[0])
		},
	})
	return cmd
}

// revoke takes the entry of that name out of the file.
func revoke(p *Program, f *auth.File, file, what, name string) error {
	var names []string
	for _, e := range f.Entries() {
		names = append(names, e.Name)
	}
	if !f.Remove(name) {
		known := " (it has " + strings.Join(names, ", ") + ")"
		if len(names) == 0 {
			known = ": it has none"
		}
		return fault.New(fault.Usage, "there is no %s %q in %s%s", what, name, file, setting.DidYouMean(name, names, known))
	}
	if err := f.Save(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "%s is revoked in %s: a server that runs notices on SIGHUP\n", strings.Map(printable, name), file)
	return err
}
