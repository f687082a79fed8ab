package channel

import (
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// Listed is a channel of a list.
type Listed struct {
	Spec
	// Line is where it begins.
	Line int
}

// ReadList reads a YAML document that has a list of channels under the key
// channels, each as Read takes it and complete. Every other key is given to
// set with its values. Two channels do not have the same name. Faults are of
// kind Usage and begin with the line.
func ReadList(r io.Reader, set func(key string, values []string) error) ([]Listed, error) {
	root, err := document(r)
	if err != nil || root == nil {
		return nil, err
	}
	var list []Listed
	err = mapping(root, "a server's configuration is written as lines of key: value", func(key, value *yaml.Node) error {
		if key.Value == "channels" {
			list, err = listed(value)
			return err
		}
		values, err := scalars(value)
		if err == nil {
			err = set(key.Value, values)
		}
		if err != nil {
			return at(value, "%s: %w", key.Value, err)
		}
		return nil
	})
	return list, err
}

func listed(n *yaml.Node) ([]Listed, error) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil, nil // All of them are commented out.
	}
	if n.Kind != yaml.SequenceNode {
		return nil, at(n, "channels: a list is wanted here: write - before each channel")
	}
	var list []Listed
	lines := make(map[string]int)
	for _, each := range n.Content {
		one := Listed{Spec: Default(), Line: each.Line}
		err := mapping(each, "a channel is written as lines of key: value", one.setNode)
		if err != nil {
			return nil, err
		}
		if one.Spec, err = one.Complete(); err != nil {
			return nil, at(each, "%w", err)
		}
		if line, ok := lines[one.Name]; ok {
			return nil, fault.New(fault.Usage, "line %d: %q is the name of the channel of line %d already", each.Line, one.Name, line)
		}
		lines[one.Name] = each.Line
		list = append(list, one)
	}
	return list, nil
}
