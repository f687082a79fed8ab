package setting

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Schema is a JSON Schema (draft 2020-12), or a part of one.
type Schema map[string]any

func (s Schema) itself() Schema { return s }

// Object returns the schema of a block of settings.
func Object[S any](fields []Field[S]) Schema {
	properties := make(map[string]Schema)
	for _, f := range fields {
		properties[f.Key] = f.described()
	}
	return Schema{"type": "object", "properties": properties, "additionalProperties": false}
}

// described returns the schema of the setting with its help.
func (f Field[S]) described() Schema {
	all := Schema{"description": f.Help()}
	maps.Copy(all, f.Schema())
	return all
}

// schema takes key=value,key=value as well as the block.
func (g Group[S]) schema() Schema {
	words := Schema{"type": "string", "pattern": "="}
	blocks := Object(g.Fields)
	if g.Named == nil {
		blocks["minProperties"] = 1
	}
	if parts := g.parts(); len(parts) > 0 {
		names := slices.Concat(g.Presets, g.Aliases)
		words = Schema{"type": "string", "pattern": "=|^(" + strings.Join(names, "|") + ")(,|$)"}
		properties := map[string]Schema{"preset": {"description": "settings to start from", "enum": names}}
		for _, part := range parts {
			properties[part] = Object(g.below(part))
		}
		blocks["properties"] = properties
	}
	if g.None != "" {
		words["pattern"] = words["pattern"].(string) + "|^" + g.None + "$"
	}
	return Schema{"anyOf": []Schema{words, {"type": "array", "items": words}, blocks}}
}

// SchemaText returns the text of a schema for a whole file.
func SchemaText[S any](id, title string, fields []Field[S]) ([]byte, error) {
	all := Object(fields)
	all["$schema"], all["$id"], all["title"] = "https://json-schema.org/draft/2020-12/schema", id, title
	text, err := json.MarshalIndent(all, "", "  ")
	return slices.Concat(text, []byte("\n")), err
}
