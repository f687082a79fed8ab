package mp4

import (
	"strings"

	"golang.org/x/text/language"
)

// undetermined is the ISO 639-2/T code of an unknown language.
const undetermined = "und"

// unpackLanguage returns the code that mdhd packs into three letters of five
// bits each (ISO/IEC 14496-12, 8.4.2.3). Values below 0x400 are QuickTime's
// language numbers.
func unpackLanguage(packed uint16) string {
	if packed < 0x400 {
		return quickTimeLanguage(packed)
	}
	var code [3]byte
	for i := range code {
		code[i] = byte(packed>>(10-5*i))&0x1f + 0x60
		if code[i] < 'a' || code[i] > 'z' {
			return undetermined
		}
	}
	return string(code[:])
}

// quickTimeLanguage returns the language of one of QuickTime's first numbers
// (QuickTime File Format, table 5-1). Number 0 is English there, but many MP4
// files use it for "not set".
func quickTimeLanguage(n uint16) string {
	codes := [...]string{undetermined, "fra", "deu", "ita", "nld", "swe", "spa", "dan", "por", "nor", "heb", "jpn"}
	if int(n) < len(codes) {
		return codes[n]
	}
	return undetermined
}

// extendedLanguage returns the ISO 639-2/T code of an elng box's RFC 5646 tag,
// which ends with a zero byte (ISO/IEC 14496-12, 8.4.6).
func extendedLanguage(tag []byte) string {
	s, _, _ := strings.Cut(string(tag), "\x00")
	s, _, _ = strings.Cut(strings.ToLower(s), "-")
	if len(s) == 3 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" {
		return s
	}
	return LanguageCode(s)
}

// LanguageCode returns the ISO 639-2/T code of a language whose ISO 639 code
// has two or three letters, "und" for an unknown one.
func LanguageCode(code string) string {
	base, err := language.ParseBase(code)
	if err != nil {
		return undetermined
	}
	return base.ISO3()
}
