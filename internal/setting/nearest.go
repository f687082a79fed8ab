package setting

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Nearest returns the known word that was probably meant: the one that differs by the
// fewest letters, one, or two in a word of five or more, or the only one that begins with
// the word. It is "" if there is none, and for numbers. Case does not matter.
func Nearest(word string, known []string) string {
	letters := utf8.RuneCountInString(word)
	if letters > 64 || !strings.ContainsFunc(word, unicode.IsLetter) {
		return ""
	}
	word = strings.ToLower(word)
	near, least, begin := "", min(2, (letters+1)/3)+1, []string(nil)
	for _, k := range known {
		lower := strings.ToLower(k)
		if d := distance([]rune(word), []rune(lower)); d < least {
			near, least = k, d
		}
		if len(word) > 1 && strings.HasPrefix(lower, word) {
			begin = append(begin, k)
		}
	}
	if len(begin) == 1 && least > 0 {
		return begin[0]
	}
	return near
}

// DidYouMean returns `: did you mean "X"?`, X being the known word that is nearest, and
// otherwise what else says.
func DidYouMean(word string, known []string, otherwise string) string {
	if near := Nearest(word, known); near != "" {
		return `: did you mean "` + near + `"?`
	}
	return otherwise
}

// distance counts the letters that must be put in, left out, replaced or swapped with the
// next to make b of a (optimal string alignment).
func distance(a, b []rune) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
