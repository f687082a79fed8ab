package server

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/setting"
)

// TestSchema holds the published schema, what lilo init --serve writes and some
// configurations against one another.
func TestSchema(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../../docs/schema/serve.json", string(text))
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, doc); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile(schemaURL)
	for text, good := range map[string]bool{
		uncommented(Init()): true,
		"listen: :80\nallow-host: [a, b]\nstrict: yes\nchannels:\n- source: a.mp4\n  m2ts: {pmtPid: 0x20}\n": true,
		"channels:\n":                 true,
		"max-channels: 0\n":           false,
		"speed: 2\n":                  false,
		"webhook: ftp://x\n":          false,
		"channels: x\n":               false,
		"channels:\n- speed: 2\n":     false,
		"channels:\n- to: http://x\n": false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestInit reads what lilo init --serve writes: as it is, it says nothing.
func TestInit(t *testing.T) {
	c, err := ReadConfig(write(t, t.TempDir(), "serve.yaml", Init()), DefaultOptions())
	if err != nil || !reflect.DeepEqual(c.Options, DefaultOptions()) || c.Channels != nil {
		t.Errorf("%+v, %v", c, err)
	}
	var v map[string]any
	if err := yaml.Unmarshal([]byte(uncommented(Init())), &v); err != nil || len(v) != len(setting.Keys(YAML())) {
		t.Errorf("%v, %v", v, err)
	}
}

// uncommented returns the settings of a commented configuration.
func uncommented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "#"); ok && (!strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "  ")) {
			b.WriteString(rest)
		}
	}
	return b.String()
}
