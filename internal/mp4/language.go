package mp4

import (
	"strings"

	"golang.org/x/text/language"
)

// undetermined is the code for a language that is not known (ISO 639-2/T).
const undetermined = "und"

// unpackLanguage returns the code that mdhd packs into three times five bits
// (ISO/IEC 14496-12, 8.4.2.3). Below 0x400 the field holds one of QuickTime's
// own numbers.
func unpackLanguage(packed uint16) string {
	if packed < 0x400 {
		return macintoshLanguage(packed)
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

// macintoshLanguage returns the language of one of QuickTime's first numbers
// (QuickTime File Format, table 5-1). Number 0 is English there and "not set"
// in many an MP4, so it says nothing.
func macintoshLanguage(n uint16) string {
	const codes = "und fra deu ita nld swe spa dan por nor heb jpn"
	if at := int(n) * 4; at+3 <= len(codes) {
		return codes[at : at+3]
	}
	return undetermined
}

// extendedLanguage returns the ISO 639-2/T code of an elng box's tag, which is
// one of RFC 5646 and ends with a zero (ISO/IEC 14496-12, 8.4.6).
func extendedLanguage(tag []byte) string {
	s, _, _ := strings.Cut(string(tag), "\x00")
	s, _, _ = strings.Cut(strings.ToLower(s), "-")
	for _, b := range []byte(s) {
		if b < 'a' || b > 'z' {
			return undetermined
		}
	}
	switch len(s) {
	case 3:
		return s
	case 2:
		return LanguageCode(s)
	default:
		return undetermined
	}
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
