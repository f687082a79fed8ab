//go:build e2e

package kubernetes

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// composeModule holds the schema of compose files.
const composeModule = "github.com/compose-spec/compose-go/v2@v2.16.2"

// The compose file is one, and its nodes know all members of its etcd.
func TestCompose(t *testing.T) {
	var file, schema any
	read(t, "../../../deploy/compose/compose.yaml", yaml.Unmarshal, &file)
	read(t, filepath.Join(moduleDir(t, composeModule), "schema/compose-spec.json"), json.Unmarshal, &schema)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("compose.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("compose.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(file) // So that numbers are JSON's.
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(file); err != nil {
		t.Error(err)
	}
	services := file.(map[string]any)["services"].(map[string]any)
	for name, one := range services {
		if !strings.HasPrefix(name, "lilo-") {
			continue
		}
		var args []string
		for _, a := range one.(map[string]any)["command"].([]any) {
			args = append(args, a.(string))
		}
		store := args[slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "--store=") })]
		for member := range services {
			if strings.HasPrefix(member, "etcd-") && !strings.Contains(store, member+":2379") {
				t.Errorf("%s does not know %s: %s", name, member, store)
			}
		}
	}
}

// The files for three machines with systemd are what systemd and lilo read.
func TestSystemd(t *testing.T) {
	var config []byte
	read(t, "../../../deploy/systemd/serve.yaml", into(&config), nil)
	readConfig(t, string(config))
	dir := t.TempDir()
	for from, to := range map[string]string{"packaging/lilo.service": "lilo.service", "deploy/systemd/fleet.conf": "lilo.service.d/fleet.conf"} {
		var data []byte
		read(t, "../../../"+from, into(&data), nil)
		data = []byte(strings.ReplaceAll(string(data), "/usr/local/bin/lilo", "/bin/true"))
		file := filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := run(t, nil, "systemd-analyze", "verify", "--man=no", filepath.Join(dir, "lilo.service")); err != nil || out != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// into returns a function that leaves data as it is.
func into(to *[]byte) func([]byte, any) error {
	return func(data []byte, _ any) error { *to = data; return nil }
}
