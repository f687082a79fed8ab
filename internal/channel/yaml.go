package channel

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// MaxYAML is the longest configuration read, in bytes.
const MaxYAML = 1 << 20

// Read gives the spec what a YAML document says: a mapping from the keys of
// Settings to their values, and "aws" to one from those of DeploySettings. Unknown keys, keys given twice and a second
// document are refused. Faults are of kind Usage and begin with the line.
func (s *Spec) Read(r io.Reader) error {
	root, err := document(r)
	if err != nil || root == nil {
		return err
	}
	return mapping(root, "a channel is written as lines of key: value", s.setNode)
}

// mapping goes through the lines of a mapping; what says how else it is to be written.
func mapping(root *yaml.Node, what string, set func(key, value *yaml.Node) error) error {
	if root.Kind == yaml.AliasNode {
		root = root.Alias
	}
	if root.Kind != yaml.MappingNode {
		return at(root, "%s", what)
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if seen[key.Value] {
			return at(key, "%s is given twice", key.Value)
		}
		seen[key.Value] = true
		if err := set(key, value); err != nil {
			return err
		}
	}
	return nil
}

// document returns the one value of a YAML text, nil for an empty one.
func document(r io.Reader) (*yaml.Node, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxYAML+1))
	if err != nil {
		return nil, fault.New(fault.Usage, "%w", err)
	}
	if len(text) > MaxYAML {
		return nil, fault.New(fault.Usage, "a configuration has at most %d bytes", MaxYAML)
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntax(err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, at(&second, "a second document: one file holds one channel")
	case !errors.Is(err, io.EOF):
		return nil, syntax(err)
	}
	return first.Content[0], nil
}

// syntax says on one line what the parser says on several.
func syntax(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	return fault.New(fault.Usage, "not YAML: %s", strings.Join(strings.Fields(text), " "))
}

func (s *Spec) setNode(key, value *yaml.Node) error {
	known := keys()
	if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+key.Value+" ") {
		return at(key, "%q is not known (%s are)", key.Value, strings.Join(known, ", "))
	}
	switch {
	case key.Value == "aws":
		return s.setAWSNode(value)
	case key.Value == "m2ts" && value.Kind != yaml.ScalarNode:
		return s.setM2TSNode(value)
	case key.Value == "encode" && value.Kind == yaml.MappingNode:
		return s.setEncodeNode(value)
	}
	values, err := scalars(value)
	if err != nil {
		return at(value, "%s: %w", key.Value, err)
	}
	if err := s.Set(key.Value, values...); err != nil {
		return at(value, "%s: %w", key.Value, err)
	}
	return nil
}

// keys returns those of a YAML: the settings of a channel, and the block of a deployment's.
func keys() []string {
	var keys []string
	for _, each := range Settings() {
		keys = append(keys, each.Key)
	}
	return append(keys, "aws")
}

// scalars returns a value's text as it is written, or those of a list.
func scalars(n *yaml.Node) ([]string, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
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
		return nil, errors.New("an empty list: leave the key out")
	}
	return all, nil
}

func scalar(n *yaml.Node) (string, error) {
	switch {
	case n.Kind != yaml.ScalarNode:
		return "", errors.New("a text or a number is wanted here")
	case n.Tag == "!!null":
		return "", errors.New("the value is missing")
	}
	return n.Value, nil
}

func at(n *yaml.Node, format string, args ...any) error {
	return fault.New(fault.Usage, "line %d: %w", n.Line, fault.New(fault.Usage, format, args...))
}
