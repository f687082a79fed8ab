package channel

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name in bytes: with LILO's own name as the provider
// it must fit the 255 bytes of a service_descriptor (ETSI EN 300 468, 6.2.33).
const MaxName = 200

// Printable returns the text as far as a service name or a provider's can hold
// it: characters that can be shown, in at most so many bytes.
func Printable(text string, most int) string {
	name := printable(text)
	for len(name) > most {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.TrimSpace(name)
}

// nameOf returns the file name of the source without its extension, made fit
// for a service name.
func nameOf(source string) string {
	base := filepath.Base(source)
	if u, err := url.Parse(source); err == nil && u.Host != "" {
		base = path.Base(u.Path)
	}
	name := Printable(strings.TrimSuffix(base, path.Ext(base)), MaxName)
	if strings.Trim(name, "./") == "" {
		return BundledName
	}
	return name
}

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
