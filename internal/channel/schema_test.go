package channel

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/lilo-live/lilo/internal/setting"
)

// TestSchema holds the published schema, and the fixtures against it: it
// accepts what is good and refuses what is bad, but for what only a program
// can know.
func TestSchema(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/schema/lilo.json", string(text))
	schema := compile(t, text)
	for _, file := range glob(t, "testdata/good/*.yaml") {
		if err := schema.Validate(decode(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	var accepted []string
	for _, file := range glob(t, "testdata/bad/*.yaml") {
		if v, err := parse(file); err == nil && schema.Validate(v) == nil {
			accepted = append(accepted, strings.TrimSuffix(filepath.Base(file), ".yaml"))
		}
	}
	golden(t, "testdata/schema-accepts.txt", strings.Join(accepted, "\n")+"\n")
}

// TestInit reads what lilo init writes: as it is, it says nothing; each line
// without its # is a setting that is read and that the schema accepts.
func TestInit(t *testing.T) {
	golden(t, "testdata/init.yaml", Init())
	spec := Default()
	if err := spec.Read(strings.NewReader(Init())); err != nil {
		t.Fatal(err)
	}
	if got, want := line(spec), line(Default()); got != want || spec.Encode != nil || spec.AWS != DefaultAWS() {
		t.Errorf("got %s, want %s", got, want)
	}
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for l := range strings.Lines(Init()) {
		if rest, ok := strings.CutPrefix(l, "#"); ok && !strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "  ") {
			all = append(all, rest)
		}
	}
	var v any
	if err := yaml.Unmarshal([]byte(strings.Join(all, "")), &v); err != nil {
		t.Fatal(err)
	}
	if err := compile(t, text).Validate(v); err != nil {
		t.Error(err)
	}
	if keys := setting.Keys(YAML()); len(v.(map[string]any)) != len(keys) {
		t.Errorf("%d settings, want %v", len(v.(map[string]any)), keys)
	}
	spec = Default()
	for _, f := range AllSettings() {
		if err := f.Set(&spec, f.Shown()); err != nil && f.Key != "m2ts" {
			t.Errorf("%s: %v", f.Key, err)
		}
	}
	if err := spec.Validate(); err != nil {
		t.Error(err)
	}
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaURL, doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile(SchemaURL)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	return slices.Sorted(slices.Values(files))
}

func decode(t *testing.T, file string) any {
	t.Helper()
	v, err := parse(file)
	if err != nil {
		t.Fatal(err)
	}
	if v == nil {
		v = map[string]any{} // An empty file says nothing.
	}
	return v
}

// parse returns a YAML file as an editor's language server sees it.
func parse(file string) (v any, err error) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, &v)
	}
	if m, ok := v.(map[string]any); ok {
		if at, ok := m["epoch"].(time.Time); ok { // YAML 1.2 has no times.
			m["epoch"] = at.Format(time.RFC3339)
		}
	}
	return v, err
}
