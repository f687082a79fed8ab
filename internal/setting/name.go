package setting

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lilo-live/lilo/internal/fault"
)

// Name is a name in the SDT, of at most so many bytes.
func Name(most int) Kind[string] {
	k := String("NAME", func(name string) error {
		switch {
		case name == "":
			return fault.New(fault.Usage, "a name is not empty")
		case len(name) > most:
			return fault.New(fault.Usage, "a name has at most %d bytes, not %d", most, len(name))
		case !Shown(name):
			return fault.New(fault.Usage, "%q holds characters that cannot be shown", name)
		}
		return nil
	})
	k.Schema["minLength"], k.Schema["maxLength"] = 1, most
	return k
}

// Printable returns the text as a service name or a provider's can hold it:
// without what cannot be shown, cut to so many bytes.
func Printable(text string, most int) string {
	name := printable(text)
	for len(name) > most {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.TrimSpace(name)
}

// Shown reports whether a text has nothing but characters that can be shown: no
// control characters, and none that change the direction of what follows.
func Shown(text string) bool { return utf8.ValidString(text) && printable(text) == text }

// printable drops the characters that a service name has no use for; control
// codes would even change its meaning (ETSI EN 300 468, annex A.1).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}
