package channel

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// setEncodeNode reads the encode block of a YAML: preset, video and audio. An
// error has the line of the setting, as long as it is one setting's own.
func (s *Spec) setEncodeNode(block *yaml.Node) error {
	words, nodes := []string{"avc"}, []*yaml.Node{block}
	for i := 0; i+1 < len(block.Content); i += 2 {
		key, value := block.Content[i], block.Content[i+1]
		switch key.Value {
		case "preset":
			name, err := scalar(value)
			if err != nil {
				return at(value, "encode: preset: %w", err)
			}
			if _, err := presetNamed(name, 0); err != nil {
				return at(value, "encode: preset: %w", err)
			}
			words[0] = name
		case "video", "audio":
			more, where, err := encodePart(key.Value, value)
			if err != nil {
				return err
			}
			words, nodes = append(words, more...), append(nodes, where...)
		default:
			return at(key, "encode: %q is not known (preset, video, audio are)", key.Value)
		}
	}
	for n := 1; n < len(words); n++ {
		if err := oneWord(words[n]); err != nil {
			return at(nodes[n], "encode: %w", err)
		}
	}
	if err := setEncode(s, words); err != nil {
		return at(block, "encode: %w", err)
	}
	return nil
}

// oneWord reads a setting by itself.
func oneWord(word string) error {
	e, _ := Preset("avc")
	key, value, _ := strings.Cut(word, "=")
	k, err := encodeKey(key)
	if err != nil {
		return err
	}
	if err := k.set(&e, value); err != nil {
		return fault.New(fault.Usage, "%s: %w", k.Key, err)
	}
	return nil
}

// encodePart turns the mapping of a part into settings as the flag has them.
func encodePart(part string, block *yaml.Node) (words []string, nodes []*yaml.Node, err error) {
	if block.Kind != yaml.MappingNode {
		return nil, nil, at(block, "encode: %s: lines of key: value are wanted here", part)
	}
	for i := 0; i+1 < len(block.Content); i += 2 {
		key, value := block.Content[i], block.Content[i+1]
		text, err := scalar(value)
		if err != nil {
			return nil, nil, at(value, "encode: %s.%s: %w", part, key.Value, err)
		}
		words, nodes = append(words, part+"."+key.Value+"="+text), append(nodes, value)
	}
	return words, nodes, nil
}
