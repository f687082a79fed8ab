package setting

import (
	"fmt"
	"slices"
	"strings"
)

// Complete returns what text, the beginning of a value, may become, for the shell: the
// words of a setting that takes words, and of a group its presets, keys and their words.
// It is nil where values are not words.
func (f Field[S]) Complete(text string) []string {
	if f.complete != nil {
		return f.complete(text)
	}
	return beginning(text, wordsOf(f.Schema()))
}

// wordsOf returns the words that a schema lists.
func wordsOf(s Schema) (words []string) {
	switch list := s["enum"].(type) {
	case []string:
		words = slices.Clone(list)
	case []any:
		for _, v := range list {
			if text := fmt.Sprint(v); !slices.Contains(words, text) {
				words = append(words, text)
			}
		}
	}
	return words
}

// beginning returns the words that begin with the text.
func beginning(text string, words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return !strings.HasPrefix(w, text) })
}

// completions completes the last of key=value,key=value.
func (g Group[S]) completions(text string) []string {
	before, last := "", text
	if i := strings.LastIndex(text, ","); i >= 0 {
		before, last = text[:i+1], text[i+1:]
	}
	var words []string
	if key, value, ok := strings.Cut(last, "="); ok {
		f, err := g.find(key)
		if err != nil {
			return nil
		}
		for _, w := range f.Complete(value) {
			words = append(words, before+key+"="+w)
		}
		return words
	}
	if before == "" {
		words = slices.Concat(words, g.Presets)
		if g.None != "" {
			words = append(words, g.None)
		}
	}
	for _, key := range Keys(g.Fields) {
		words = append(words, before+strings.TrimPrefix(key, g.Implied)+"=")
	}
	return beginning(text, words)
}
