package source

import (
	"os"
	"path/filepath"
	"strings"
)

// credentials are a user and a password.
type credentials struct{ user, password string }

// readNetrc returns the credentials for a host in the user's netrc file: $NETRC,
// or .netrc in the home directory.
func readNetrc(host string) (credentials, bool) {
	path := os.Getenv("NETRC")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return credentials{}, false
		}
		path = filepath.Join(home, ".netrc")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return credentials{}, false
	}
	return parseNetrc(string(text), host)
}

// parseNetrc returns the credentials of the first machine of that name, or of
// the default if that comes first.
func parseNetrc(text, host string) (credentials, bool) {
	w := &netrcScanner{rest: text}
	var found credentials
	in, some := false, false
	for word, ok := w.next(); ok; word, ok = w.next() {
		switch word {
		case "machine", "default":
			if in && some {
				return found, true
			}
			name := host
			if word == "machine" {
				name, _ = w.next()
			}
			in, some, found = strings.EqualFold(name, host), false, credentials{}
		case "login":
			found.user, some = w.value()
		case "password":
			found.password, _ = w.value()
		case "account":
			w.next()
		case "macdef":
			w.skipMacro()
		}
	}
	if !in || !some {
		return credentials{}, false
	}
	return found, true
}

// netrcScanner splits a netrc file into words.
type netrcScanner struct{ rest string }

// next returns the next word that is not in a comment.
func (w *netrcScanner) next() (string, bool) {
	w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	for strings.HasPrefix(w.rest, "#") {
		_, w.rest, _ = strings.Cut(w.rest, "\n")
		w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	}
	return w.value()
}

// value returns the next word, which may begin with # as a password may. In
// quotes it may contain spaces, and a backslash escapes the next character.
func (w *netrcScanner) value() (string, bool) {
	w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	if quoted, ok := strings.CutPrefix(w.rest, `"`); ok {
		return w.quoted(quoted), true
	}
	end := strings.IndexAny(w.rest, " \t\r\n")
	if end < 0 {
		end = len(w.rest)
	}
	word := w.rest[:end]
	w.rest = w.rest[end:]
	return word, word != ""
}

func (w *netrcScanner) quoted(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			w.rest = text[i+1:]
			return b.String()
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	w.rest = ""
	return b.String()
}

// skipMacro skips a macro definition, which an empty line ends.
func (w *netrcScanner) skipMacro() {
	_, w.rest, _ = strings.Cut(strings.ReplaceAll(w.rest, "\r\n", "\n"), "\n\n")
}
