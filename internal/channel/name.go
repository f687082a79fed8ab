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

// nameOf returns the file name of the source without its extension, made fit
// for a service name.
func nameOf(source string) string {
	base := filepath.Base(source)
	if u, err := url.Parse(source); err == nil && u.Host != "" {
		base = path.Base(u.Path)
	}
	name := shorten(printable(strings.TrimSuffix(base, path.Ext(base))))
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

// shorten cuts the name to MaxName bytes without cutting a character.
func shorten(s string) string {
	for len(s) > MaxName {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return strings.TrimSpace(s)
}
