package source

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// credentials are a user, "" for none, and a password.
type credentials struct{ user, password string }

// readNetrc returns the credentials for a host in the user's netrc file: $NETRC,
// or .netrc in the home directory.
func readNetrc(host string) credentials {
	path := os.Getenv("NETRC")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return credentials{}
		}
		path = filepath.Join(home, ".netrc")
	}
	text, _ := os.ReadFile(path)
	return parseNetrc(string(text), host)
}

// parseNetrc returns the credentials of the first machine of that name, or of
// the default if that comes first.
func parseNetrc(text, host string) (found credentials) {
	inMachine := false
	for rest := strings.ReplaceAll(text, "\r\n", "\n"); rest != ""; {
		var word, value string
		word, rest = netrcWord(rest)
		switch {
		case strings.HasPrefix(word, "#"): // A comment, where a value could be a password.
			_, rest, _ = strings.Cut(word+rest, "\n")
		case word == "macdef": // An empty line ends it.
			_, rest, _ = strings.Cut(rest, "\n\n")
		case word == "machine" || word == "default":
			if inMachine && found.user != "" {
				return found
			}
			value = host
			if word == "machine" {
				value, rest = netrcWord(rest)
			}
			inMachine, found = strings.EqualFold(value, host), credentials{}
		case word == "login":
			found.user, rest = netrcWord(rest)
		case word == "password":
			found.password, rest = netrcWord(rest)
		case word == "account":
			_, rest = netrcWord(rest)
		}
	}
	if !inMachine || found.user == "" {
		return credentials{}
	}
	return found
}

// netrcWord returns the first word of text, and what follows it. In quotes a
// word may contain spaces, and a backslash escapes the next character.
func netrcWord(text string) (word, rest string) {
	at := regexp.MustCompile(`(?s)^\s*(?:"((?:\\.|[^"\\])*)(?:"|\\?$)|(\S*))`).FindStringSubmatchIndex(text)
	if at[2] < 0 {
		return text[at[4]:at[5]], text[at[1]:]
	}
	return regexp.MustCompile(`(?s)\\(.)`).ReplaceAllString(text[at[2]:at[3]], "$1"), text[at[1]:]
}
