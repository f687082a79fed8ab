package medialive

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
)

// TestModel holds model.txt, what MediaLive's model demands of members, against
// the sources of the SDK, which carry it in their validators and in the names of
// their shapes.
func TestModel(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/medialive").Output()
	if err != nil {
		t.Skipf("the sources of the SDK are not here: %v", err)
	}
	dir := strings.TrimSpace(string(out))
	facts := make(map[string]bool)
	required(t, filepath.Join(dir, "validators.go"), facts)
	bounded(t, filepath.Join(dir, "deserializers.go"), facts)
	known := make(map[string]bool)
	reachable(reflect.TypeFor[types.Channel](), known)
	reachable(reflect.TypeFor[types.ScheduleAction](), known)
	maps.DeleteFunc(facts, func(fact string, _ bool) bool { return !known[strings.Fields(fact)[0]] })
	text := strings.Join(slices.Sorted(maps.Keys(facts)), "\n") + "\n"
	if *update {
		if err := os.WriteFile("model.txt", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != modelText {
		t.Errorf("model.txt should be:\n%s", text)
	}
}

// reachable collects the names of the structures below a type.
func reachable(of reflect.Type, known map[string]bool) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		reachable(of.Elem(), known)
	case reflect.Struct:
		if known[of.Name()] {
			return
		}
		known[of.Name()] = true
		for field := range of.Fields() {
			reachable(field.Type, known)
		}
	default: // A leaf.
	}
}

func source(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// required collects the members that structures must have.
func required(t *testing.T, file string, facts map[string]bool) {
	function := regexp.MustCompile(`(?s)\nfunc validate\w+\(v \*types\.(\w+)\) error \{\n(.*?)\n\}\n`)
	member := regexp.MustCompile(`NewErrParamRequired\("(\w+)"\)`)
	for _, f := range function.FindAllStringSubmatch(source(t, file), -1) {
		for _, m := range member.FindAllStringSubmatch(f[2], -1) {
			facts[fmt.Sprintf("%s %s required", f[1], wireName(m[1]))] = true
		}
	}
}

// bounded collects the bounds of numbers and of the lengths of texts.
func bounded(t *testing.T, file string, facts map[string]bool) {
	function := regexp.MustCompile(`(?s)\nfunc awsRestjson1_deserializeDocument\w+\(v \*\*types\.(\w+), value interface\{\}\) error \{\n(.*?)\n\}\n`)
	shape := regexp.MustCompile("expected __(?:integer|long|double|string)((?:Min|Max)[A-Za-z0-9]*) to be")
	for _, f := range function.FindAllStringSubmatch(source(t, file), -1) {
		for _, part := range strings.Split(f[2], "\n\t\tcase \"")[1:] {
			member, body, _ := strings.Cut(part, "\"")
			if m := shape.FindStringSubmatch(body); m != nil {
				facts[fmt.Sprintf("%s %s %s", f[1], member, bounds(m[1]))] = true
			}
		}
	}
}

// bounds turns Min0Max10000 into 0..10000; MinNegative5 is -5.
func bounds(name string) string {
	number := regexp.MustCompile(`^(?:Min((?:Negative)?\d+))?(?:Max((?:Negative)?\d+))?`).FindStringSubmatch(name)
	plain := func(text string) string { return strings.Replace(text, "Negative", "-", 1) }
	return plain(number[1]) + ".." + plain(number[2])
}
