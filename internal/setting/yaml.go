package setting

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// MaxYAML is the longest configuration that is read, in bytes.
const MaxYAML = 1 << 20

// ReadYAML sets what a YAML document says. Unknown keys, keys given twice and a
// second document are refused. Errors begin with the line.
func ReadYAML[S any](r io.Reader, fields []Field[S], s *S) error {
	text, err := io.ReadAll(io.LimitReader(r, MaxYAML+1))
	if err != nil {
		return fault.New(fault.Usage, "%w", err)
	}
	if len(text) > MaxYAML {
		return fault.New(fault.Usage, "a configuration has at most %d bytes", MaxYAML)
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return syntax(err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return at(&second, fault.New(fault.Usage, "a second document: a file holds one"))
	case !errors.Is(err, io.EOF):
		return syntax(err)
	}
	return readMapping(first.Content[0], fields, s)
}

// syntax says on one line what the parser says on several.
func syntax(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	return fault.New(fault.Usage, "not YAML: %s", strings.Join(strings.Fields(text), " "))
}

func readMapping[S any](n *yaml.Node, fields []Field[S], s *S) error {
	return eachLine(n, func(key, value *yaml.Node) error {
		f, err := Find(fields, key.Value)
		if err != nil {
			return at(key, err)
		}
		return within(f.Key, value, f.read(s, value))
	})
}

func (f Field[S]) read(s *S, n *yaml.Node) error {
	n = resolve(n)
	if v := f.in(s); v.read != nil && (n.Kind == yaml.MappingNode || v.set == nil || isNull(n)) {
		return v.read(n)
	}
	texts, err := scalars(n)
	if err != nil {
		return err
	}
	return f.Set(s, texts...)
}

// WriteYAML writes the settings that are set, as ReadYAML reads them.
func WriteYAML[S any](fields []Field[S], s *S) ([]byte, error) {
	return yaml.Marshal(mappingOf(fields, s))
}

func mappingOf[S any](fields []Field[S], s *S) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fields {
		if n := f.write(s); n.Kind == yaml.ScalarNode || len(n.Content) > 0 {
			m.Content = append(m.Content, scalarOf(f.Key), n)
		}
	}
	return m
}

func (f Field[S]) write(s *S) *yaml.Node {
	if v := f.in(s); v.write != nil {
		return v.write()
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, text := range f.Get(s) {
		n.Content = append(n.Content, scalarOf(text))
	}
	if !f.List && len(n.Content) == 1 {
		return n.Content[0]
	}
	return n
}

// scalarOf writes a text so that it is read as it is, and not as null.
func scalarOf(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if text == "" || text == "~" || strings.EqualFold(text, "null") {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// Section returns a block of settings each of which has a flag of its own.
func Section[S any](row Row, fields []Field[S]) Field[S] {
	form := form{Schema: func() Schema { return Object(fields) }, block: func(b *strings.Builder, indent string) { samples(b, indent, fields) }}
	return Field[S]{row, form, func(s *S) value {
		return value{
			check: func() error { return Check(fields, s) },
			read:  func(n *yaml.Node) error { return readMapping(n, fields, s) },
			write: func() *yaml.Node { return mappingOf(fields, s) },
		}
	}}
}

// Each returns a list of blocks. For each of them, add gets what initial returns
// with what the block says, and the line at which it begins.
func Each[P, S any](row Row, fields []Field[S], initial func() S, add func(p *P, s S, line int) error) Field[P] {
	example := func(b *strings.Builder, indent string) {
		for i, f := range fields[:2] { // The others are as in a file of their own.
			b.WriteString("\n")
			f.sample(b, indent+[]string{"- ", "  "}[i])
		}
	}
	schema := func() Schema { return Schema{"type": []string{"array", "null"}, "items": Object(fields)} }
	form := form{Schema: schema, block: example}
	read := func(p *P, n *yaml.Node) error {
		if isNull(n) {
			return nil // All of them are commented out.
		}
		if n.Kind != yaml.SequenceNode {
			return errList
		}
		for _, each := range n.Content {
			s := initial()
			err := readMapping(each, fields, &s)
			if err == nil {
				err = add(p, s, each.Line)
			}
			if err != nil {
				return at(each, err)
			}
		}
		return nil
	}
	return Field[P]{row, form, func(p *P) value { return value{read: func(n *yaml.Node) error { return read(p, n) }} }}
}

// eachLine calls set for each line of a mapping, no key twice.
func eachLine(n *yaml.Node, set func(key, value *yaml.Node) error) error {
	n = resolve(n)
	switch {
	case isNull(n):
		return at(n, errNothing)
	case n.Kind != yaml.MappingNode:
		return at(n, fault.New(fault.Usage, "expected lines of key: value"))
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if seen[key.Value] {
			return at(key, fault.New(fault.Usage, "%s is given twice", key.Value))
		}
		seen[key.Value] = true
		if err := set(key, value); err != nil {
			return err
		}
	}
	return nil
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull reports whether nothing follows a key.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

var (
	errMissing = errors.New("the value is missing")
	errNothing = errors.New("nothing stands below it: remove the # before lines there too, or leave it out")
	errScalar  = errors.New("expected a text or a number")
	errBlock   = errors.New("expected a block of key: value")
	errList    = errors.New("expected a list: write - before each item")
	errEmpty   = errors.New("an empty list: leave the key out")
)

// scalars returns the text of a value as it is written, or those of a list.
func scalars(n *yaml.Node) ([]string, error) {
	n = resolve(n)
	if n.Kind != yaml.SequenceNode {
		one, err := scalar(n)
		return []string{one}, err
	}
	var all []string
	for _, each := range n.Content {
		one, err := scalar(each)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, errEmpty
	}
	return all, nil
}

func scalar(n *yaml.Node) (string, error) {
	switch {
	case n.Kind != yaml.ScalarNode:
		return "", errScalar
	case isNull(n):
		return "", errMissing
	}
	return n.Value, nil
}

// lineError is an error with the line that it belongs to.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// at returns the error with the line of a node, unless it has one already.
func at(n *yaml.Node, err error) error { return within("", n, err) }

// within puts a name before an error, after the line: the node's, unless the error
// has one already.
func within(name string, n *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	line := n.Line
	if inner, ok := errors.AsType[*lineError](err); ok {
		line, err = inner.line, inner.err
	}
	if name != "" {
		err = fault.New(fault.Usage, "%s: %w", name, err)
	}
	return fault.New(fault.Usage, "%w", &lineError{line, err})
}
