//go:build e2e

package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The Go modules that hold the schemas: Kubernetes' API, and the resources of the
// Prometheus operator.
const (
	kubernetesModule = "k8s.io/kubernetes@v1.34.4"
	prometheusModule = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
)

// schemas writes, for each kind that the chart uses, a JSON Schema as kubeconform wants
// it, and returns their folder.
func schemas(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var api struct {
		Definitions map[string]map[string]any
	}
	read(t, filepath.Join(moduleDir(t, kubernetesModule), "api/openapi-spec/swagger.json"), json.Unmarshal, &api)
	for _, definition := range api.Definitions {
		strict(definition)
	}
	for name, definition := range api.Definitions {
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 {
			continue // What all groups share, such as the options of a deletion.
		}
		kind := kinds[0].(map[string]any)
		used := map[string]any{}
		gather(api.Definitions, name, used)
		write(t, dir, kind, map[string]any{"$ref": "#/definitions/" + name, "definitions": used})
	}
	var monitor struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema map[string]any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	read(t, filepath.Join(moduleDir(t, prometheusModule), "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"), yaml.Unmarshal, &monitor)
	schema := monitor.Spec.Versions[0].Schema.OpenAPIV3Schema
	strict(schema["properties"].(map[string]any)["spec"])
	write(t, dir, map[string]any{"group": "monitoring.coreos.com", "kind": "ServiceMonitor", "version": "v1"}, schema)
	return dir
}

// moduleDir returns the folder of a Go module, which it downloads.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module).Output()
	var answer struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &answer); err != nil || jsonErr != nil {
		t.Fatalf("%s: %v: %s", module, err, answer.Error)
	}
	return answer.Dir
}

func read(t *testing.T, name string, unmarshal func([]byte, any) error, to any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err == nil {
		err = unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, dir string, kind, schema map[string]any) {
	t.Helper()
	group, _, _ := strings.Cut(kind["group"].(string), ".")
	name := strings.ToLower(strings.Trim(fmt.Sprintf("%s-%s-%s", kind["kind"], group, kind["version"]), "-"))
	name = strings.ReplaceAll(name, "--", "-")
	data, err := json.Marshal(schema)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".json"), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// strict makes a schema refuse members that it does not name, and accept numbers where
// Kubernetes does.
func strict(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if _, isSchema := s["type"].(string); isSchema || s["$ref"] != nil || s["properties"] != nil {
			if _, has := s["additionalProperties"]; !has && s["properties"] != nil && s["x-kubernetes-preserve-unknown-fields"] == nil {
				s["additionalProperties"] = false
			}
			if s["format"] == "int-or-string" || strings.Contains(fmt.Sprint(s["description"]), "Quantity is a fixed-point representation") {
				s["type"] = []any{"string", "number"}
				delete(s, "format")
			}
		}
		for _, part := range s {
			strict(part)
		}
	case []any:
		for _, part := range s {
			strict(part)
		}
	}
}

// gather adds a definition to those that are used, and all to which it refers.
func gather(all map[string]map[string]any, name string, used map[string]any) {
	if used[name] != nil {
		return
	}
	used[name] = all[name]
	data, _ := json.Marshal(all[name])
	for _, part := range bytes.Split(data, []byte(`"#/definitions/`))[1:] {
		reference, _, _ := bytes.Cut(part, []byte(`"`))
		gather(all, string(reference), used)
	}
}
