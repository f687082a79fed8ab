package api

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOperationsAreThoseOfTheModel holds operations.txt against the sources of the SDK,
// which carry the model in their serializers and deserializers. Only the status of success
// is not in them.
func TestOperationsAreThoseOfTheModel(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/medialive").Output()
	if err != nil {
		t.Skipf("the sources of the SDK are not here: %v", err)
	}
	dir := strings.TrimSpace(string(out))
	requests, answers := sourceOf(t, dir, "serializers.go"), sourceOf(t, dir, "deserializers.go")
	request := regexp.MustCompile(`(?s)func \(m \*awsRestjson1_serializeOp(\w+)\) HandleSerialize.*?SplitURI\("([^"]+)"\).*?request\.Method = "(\w+)"`)
	status := map[string]string{}
	for _, r := range new(handler).routesOf(nil) {
		status[r.name] = fmt.Sprint(r.status)
	}
	var lines []string
	for _, m := range request.FindAllStringSubmatch(requests, -1) {
		body := regexp.MustCompile(`(?s)func awsRestjson1_deserializeOpError` + m[1] + `\(.*?\n}\n`).FindString(answers)
		var errs []string
		for _, e := range regexp.MustCompile(`EqualFold\("(\w+)Exception"`).FindAllStringSubmatch(body, -1) {
			errs = append(errs, e[1])
		}
		slices.Sort(errs)
		lines = append(lines, strings.Join([]string{m[1], m[3], m[2], status[m[1]], strings.Join(errs, ",")}, " "))
	}
	slices.Sort(lines)
	if text := strings.Join(lines, "\n") + "\n"; text != operationsText {
		t.Errorf("operations.txt should be:\n%s", text)
	}
}

func sourceOf(t *testing.T, dir, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
