package mp4

import "strings"

// undetermined is the code for a language that is not known (ISO 639-2/T).
const undetermined = "und"

// language returns the code that mdhd packs into three times five bits
// (ISO/IEC 14496-12, 8.4.2.3). Below 0x400 the field holds one of QuickTime's
// own numbers.
func language(packed uint16) string {
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
		return threeLetters(s)
	default:
		return undetermined
	}
}

// threeLetters returns the ISO 639-2/T code of one of ISO 639-1, for those that broadcasts use.
func threeLetters(two string) string {
	const pairs = "en:eng fr:fra de:deu es:spa it:ita pt:por nl:nld sv:swe da:dan no:nor nb:nob nn:nno fi:fin is:isl " +
		"pl:pol cs:ces sk:slk sl:slv hr:hrv sr:srp bs:bos mk:mkd bg:bul ro:ron hu:hun el:ell tr:tur sq:sqi " +
		"ru:rus uk:ukr be:bel lt:lit lv:lav et:est ga:gle cy:cym eu:eus ca:cat gl:glg mt:mlt lb:ltz " +
		"ar:ara he:heb fa:fas ur:urd hi:hin bn:ben ta:tam te:tel ml:mal mr:mar pa:pan gu:guj kn:kan " +
		"ja:jpn ko:kor zh:zho vi:vie th:tha id:ind ms:msa tl:tgl sw:swa zu:zul xh:xho af:afr " +
		"ka:kat hy:hye az:aze kk:kaz uz:uzb mn:mon ne:nep si:sin my:mya km:khm lo:lao la:lat"
	if at := strings.Index(pairs, two+":"); at >= 0 {
		return pairs[at+3 : at+6]
	}
	return undetermined
}
