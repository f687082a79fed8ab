package channel

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/fault"
)

// setM2TSNode reads the m2ts block of a YAML.
func (s *Spec) setM2TSNode(block *yaml.Node) error {
	words, err := blockWords("m2ts", block, new(M2TS).Set)
	if err != nil {
		return err
	}
	if err := s.changeM2TS(words); err != nil {
		return at(block, "m2ts: %w", err)
	}
	return nil
}

// setFECNode reads the fec block of the aws block.
func (s *Spec) setFECNode(block *yaml.Node) error {
	words, err := blockWords("aws: fec", block, new(FEC).set)
	if err != nil {
		return err
	}
	if err := s.changeFEC(words); err != nil {
		return at(block, "aws: fec: %w", err)
	}
	return nil
}

// blockWords returns the lines of a block as key=value, each of which one
// accepts; what several of them say together is for the caller to judge.
func blockWords(name string, block *yaml.Node, one func(key, value string) error) ([]string, error) {
	var words []string
	err := eachKey(name, block, func(key string, value *yaml.Node) error {
		texts, err := scalars(value)
		if err != nil {
			return fault.New(fault.Usage, "%s: %w", key, err)
		}
		text := strings.Join(texts, ",")
		words = append(words, key+"="+text)
		return one(key, text)
	})
	if err == nil && len(words) == 0 {
		err = at(block, "%s: nothing stands below it: leave it out", name)
	}
	return words, err
}

// setAWSNode reads the aws block of a YAML.
func (s *Spec) setAWSNode(block *yaml.Node) error {
	all := DeploySettings()
	return eachKey("aws", block, func(key string, value *yaml.Node) error {
		i := slices.IndexFunc(all, func(each Setting) bool { return each.Key == key })
		if i < 0 {
			var known []string
			for _, each := range all {
				known = append(known, each.Key)
			}
			return unknown(key, known)
		}
		if key == "fec" && value.Kind == yaml.MappingNode {
			return s.setFECNode(value)
		}
		text, err := scalar(value)
		if err == nil {
			err = all[i].set(s, []string{text})
		}
		if err != nil {
			return fault.New(fault.Usage, "%s: %w", key, err)
		}
		return nil
	})
}

// eachKey goes through the lines of a block. What set finds wrong is told with
// the line of the value, unless it tells of one itself.
func eachKey(name string, block *yaml.Node, set func(key string, value *yaml.Node) error) error {
	if block.Kind == yaml.AliasNode {
		block = block.Alias
	}
	if block.Kind != yaml.MappingNode {
		return at(block, "%s: lines of key: value are wanted here", name)
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(block.Content); i += 2 {
		key, value := block.Content[i], block.Content[i+1]
		if seen[key.Value] {
			return at(key, "%s: %s is given twice", name, key.Value)
		}
		seen[key.Value] = true
		if err := set(key.Value, value); err != nil {
			if strings.HasPrefix(err.Error(), "line ") {
				return err
			}
			return at(value, "%s: %w", name, err)
		}
	}
	return nil
}
