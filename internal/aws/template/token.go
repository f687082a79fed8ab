package template

import (
	"regexp"
	"strconv"
)

// token is what a part of a string stands for until the templates are written: an
// attribute of a resource ("" for its Ref), or bucket or key of a file.
type token struct {
	resource  *Resource
	file      *File
	attribute string
}

// token returns a string that stands for t.
func (s *Stack) token(t token) string {
	s.tokens = append(s.tokens, t)
	return "${Token[" + strconv.Itoa(len(s.tokens)-1) + "]}"
}

// tokenPattern matches tokens of this package, and none of the CDK's, which have a name.
var tokenPattern = regexp.MustCompile(`\$\{Token\[([0-9]+)\]\}`)

// Values says what the references in a value stand for.
type Values struct {
	// Attribute returns an attribute of a resource, its Ref for "".
	Attribute func(r *Resource, name string) any
	// Bucket and Key return where a file is uploaded to.
	Bucket, Key func(f *File) any
	// Join concatenates parts of a string.
	Join func(parts []any) any
}

func (v Values) of(t token) any {
	switch {
	case t.resource != nil:
		return v.Attribute(t.resource, t.attribute)
	case t.attribute == "bucket":
		return v.Bucket(t.file)
	}
	return v.Key(t.file)
}

// Resolve returns a value with all references in it replaced.
func (s *Stack) Resolve(value any, by Values) any {
	switch value := value.(type) {
	case string:
		return s.resolveText(value, by)
	case map[string]any:
		all := make(Properties, len(value))
		for name, member := range value {
			all[name] = s.Resolve(member, by)
		}
		return all
	case []any:
		all := make(List, len(value))
		for i, item := range value {
			all[i] = s.Resolve(item, by)
		}
		return all
	}
	return value
}

func (s *Stack) resolveText(text string, by Values) any {
	found := tokenPattern.FindAllStringSubmatchIndex(text, -1)
	if len(found) == 0 {
		return text
	}
	var parts []any
	at := 0
	for _, m := range found {
		if m[0] > at {
			parts = append(parts, text[at:m[0]])
		}
		n, _ := strconv.Atoi(text[m[2]:m[3]]) // Digits, written by token.
		parts = append(parts, by.of(s.root.tokens[n]))
		at = m[1]
	}
	if at < len(text) {
		parts = append(parts, text[at:])
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return by.Join(parts)
}
