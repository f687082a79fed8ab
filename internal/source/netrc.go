package source

import (
	"os"
	"path/filepath"
	"strings"
)

// login is a user with a password.
type login struct{ user, password string }

// readNetrc returns what the user's netrc file has for the host: $NETRC, or
// .netrc in the home folder.
func readNetrc(host string) (login, bool) {
	path := os.Getenv("NETRC")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return login{}, false
		}
		path = filepath.Join(home, ".netrc")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return login{}, false
	}
	return parseNetrc(string(text), host)
}

// parseNetrc returns the login of the first machine of that name, or of the
// default where it comes first.
func parseNetrc(text, host string) (login, bool) {
	w := &words{rest: text}
	var found login
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
			in, some, found = strings.EqualFold(name, host), false, login{}
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
		return login{}, false
	}
	return found, true
}

// words cuts a netrc file into words. A # begins a comment where a word could.
type words struct{ rest string }

func (w *words) next() (string, bool) {
	w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	for strings.HasPrefix(w.rest, "#") {
		_, w.rest, _ = strings.Cut(w.rest, "\n")
		w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	}
	return w.value()
}

// value is next for a word that may begin with a #, as a password may. In
// quotes it may hold blanks, and a backslash takes the next character as it is.
func (w *words) value() (string, bool) {
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

func (w *words) quoted(text string) string {
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

// skipMacro passes over a macro, which an empty line ends.
func (w *words) skipMacro() {
	_, w.rest, _ = strings.Cut(strings.ReplaceAll(w.rest, "\r\n", "\n"), "\n\n")
}
