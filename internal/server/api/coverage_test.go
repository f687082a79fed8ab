package api

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

var update = flag.Bool("update", false, "write the coverage table of the API reference")

const (
	reference     = "../../../docs/reference/api.md"
	coverageBegin = "<!-- Made by go test ./internal/server/api -run Coverage -update -->\n"
	coverageEnd   = "<!-- End of what is made. -->\n"
)

// attempt is a call of an operation: what its path holds in braces, and its body.
type attempt struct{ id, query, body string }

// TestCoverage calls all operations of the model, and provokes each error that the model
// has for them and that can come from here. The table of the API reference is what it saw.
func TestCoverage(t *testing.T) {
	h, free, running, idle := fixture(t, Options{Thumbnail: func(context.Context, supervisor.Playback) ([]byte, error) { return []byte("jpeg"), nil }})
	c := coverage{h: h, free: free, running: running, idle: idle}
	c.works, c.fails = c.working(t), c.failing(t)
	seen := map[string]bool{}
	var table strings.Builder
	table.WriteString("| operation | here | errors |\n|---|---|---|\n")
	for _, r := range new(handler).routesOf(new(handler).servedNames()) {
		answer, errs := c.cover(t, r)
		fmt.Fprintf(&table, "| %s | %s | %s |\n", r.name, answer, strings.Join(errs, ", "))
		seen[r.name] = true
	}
	if len(seen) != strings.Count(operationsText, "\n") {
		t.Errorf("%d operations were called", len(seen))
	}
	text, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), coverageBegin)
	got, after, ok := strings.Cut(rest, coverageEnd)
	if !ok {
		t.Fatalf("%s has no place for the table", reference)
	}
	if want := "\n" + table.String() + "\n"; got != want {
		if !*update {
			t.Fatalf("the table of %s should be:\n%s", reference, want)
		}
		if err := os.WriteFile(reference, []byte(before+coverageBegin+want+coverageEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// servedNames returns the names of the operations that are served.
func (h *handler) servedNames() map[string]operation {
	all := map[string]operation{}
	for name := range (&handler{service: &service.Service{}}).served() {
		all[name] = func(context.Context, *call) (any, error) { return nil, nil }
	}
	return all
}

// coverage calls operations.
type coverage struct {
	h                   http.Handler
	free, running, idle string // an input, and channels
	works               map[string]attempt
	fails               map[string][]attempt
}

// cover calls an operation and returns what it answers, and the errors that were provoked.
func (c coverage) cover(t *testing.T, r route) (answer string, errs []string) {
	t.Helper()
	try := func(a attempt, fault string) (int, string) {
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllLiteralString(r.path, a.id)
		w := askFor(t, c.h, fault, r.method, Prefix+path+a.query, a.body)
		return w.Code, w.Header().Get("X-Amzn-ErrorType")
	}
	works, served := c.works[r.name]
	if !served {
		works = attempt{id: "7", body: "{}"}
	}
	status, code := try(works, "")
	switch {
	case status == r.status && served:
		answer = "works"
	case status == r.status && !served && r.method == http.MethodGet:
		answer = "an empty list"
	case !served && (status == 404 || status == 400 || status == 403):
		answer = fmt.Sprintf("refused: %d", status)
		if instead := instead(strings.Split(r.path, "/")[0]); instead != "" && strings.HasPrefix(r.name, "Create") {
			answer += "; " + instead
		}
		errs = append(errs, fmt.Sprint(status))
	default:
		t.Errorf("%s answers %d %s", r.name, status, code)
	}
	note := func(status int, code string) {
		if status < 400 {
			return
		}
		if !slices.Contains(r.errors, service.Code(code)) {
			t.Errorf("%s answers %d %s, which its model lacks", r.name, status, code)
		}
		if text := fmt.Sprint(status); !slices.Contains(errs, text) {
			errs = append(errs, text)
		}
	}
	note(status, code)
	note(try(works, "boredom"))
	for _, fault := range []string{"throttling", "internal", "forbidden", "bad-gateway", "gateway-timeout"} {
		// The gateway before MediaLive answers these even where the model lacks them.
		if status, code := try(works, fault); slices.Contains(r.errors, service.Code(code)) {
			note(status, code)
		}
	}
	for _, a := range append(c.fails[r.name], attempt{id: "7", body: works.body, query: works.query}) {
		note(try(a, ""))
	}
	slices.Sort(errs)
	// What the model has and was not provoked must be what cannot come from here.
	for _, e := range r.errors {
		status := e.Status()
		cannot := status == 404 && served && !strings.Contains(r.path, "{") || status == 404 && !served ||
			status == 409 && (!served || strings.HasPrefix(r.name, "Batch") || r.name == "ListVersions" || r.name == "DescribeThumbnails" || r.name == "UpdateInputSecurityGroup") ||
			status == 422 && (!served || r.name == "UpdateAccountConfiguration")
		if !cannot && !slices.Contains(errs, fmt.Sprint(status)) {
			t.Errorf("%s was not made to answer %d", r.name, status)
		}
	}
	return answer, errs
}

// made makes a resource and returns its id.
func (c coverage) made(t *testing.T, path, body string) string {
	t.Helper()
	status, answer, _ := ask(t, c.h, "POST", Prefix+path, body)
	if status >= 300 {
		t.Fatal(answer)
	}
	for _, doc := range answer {
		return doc.(map[string]any)["id"].(string)
	}
	return ""
}

// working returns a call of each operation that is served.
func (c coverage) working(t *testing.T) map[string]attempt {
	file := wire(t, input("https://example.com/a.mp4"))
	arn := "arn:aws:medialive:eu-west-1:123456789012:channel:" + c.idle
	group := func() string { return c.made(t, "inputSecurityGroups", `{"whitelistRules":[{"cidr":"10.0.0.0/8"}]}`) }
	dry := channelOf(c.free)
	yes := true
	dry.DryRun = &yes
	return map[string]attempt{
		"CreateChannel": {body: wire(t, dry)}, "ListChannels": {}, "DescribeChannel": {id: c.idle},
		"UpdateChannel": {id: c.idle, body: `{"dryRun":true,"name":"x"}`}, "UpdateChannelClass": {id: c.idle, body: `{"channelClass":"SINGLE_PIPELINE"}`},
		"DeleteChannel": {id: c.channel(t, false)}, "StartChannel": {id: c.channel(t, false)}, "StopChannel": {id: c.channel(t, true)},
		"RestartChannelPipelines": {id: c.running, body: "{}"}, "ListAlerts": {id: c.running},
		"DescribeThumbnails": {id: c.running, query: "?pipelineId=0&thumbnailType=CURRENT_ACTIVE"},
		"DescribeSchedule":   {id: c.running}, "BatchUpdateSchedule": {id: c.running, body: "{}"}, "DeleteSchedule": {id: c.running},
		"CreateInput": {body: file}, "ListInputs": {}, "DescribeInput": {id: c.free}, "UpdateInput": {id: c.free, body: `{"name":"x"}`}, "DeleteInput": {id: c.made(t, "inputs", file)},
		"CreateInputSecurityGroup": {body: "{}"}, "ListInputSecurityGroups": {}, "DescribeInputSecurityGroup": {id: group()},
		"UpdateInputSecurityGroup": {id: group(), body: "{}"}, "DeleteInputSecurityGroup": {id: group()},
		"ListTagsForResource": {id: arn}, "CreateTags": {id: arn, body: `{"tags":{"a":"b"}}`}, "DeleteTags": {id: arn, query: "?tagKeys=a"},
		"BatchStart": {body: "{}"}, "BatchStop": {body: "{}"}, "BatchDelete": {body: "{}"},
		"DescribeAccountConfiguration": {}, "UpdateAccountConfiguration": {body: "{}"}, "ListVersions": {},
	}
}

// channel makes a channel and returns its id.
func (c coverage) channel(t *testing.T, start bool) string {
	t.Helper()
	in := c.made(t, "inputs", wire(t, input("https://example.com/a.mp4")))
	id := c.made(t, "channels", wire(t, channelOf(in)))
	c.become(t, id, "IDLE")
	if start {
		if status, answer, _ := ask(t, c.h, "POST", Prefix+"channels/"+id+"/start", ""); status != 200 {
			t.Fatal(answer)
		}
	}
	return id
}

func (c coverage) become(t *testing.T, id, state string) {
	t.Helper()
	for range 10000 {
		if _, doc, _ := ask(t, c.h, "GET", Prefix+"channels/"+id, ""); doc["state"] == state {
			return
		}
	}
	t.Fatalf("channel %s does not become %s", id, state)
}

// failing returns calls that the state of a resource, or a document, does not allow.
func (c coverage) failing(t *testing.T) map[string][]attempt {
	attached := attachedTo(t, c.h, c.idle)
	thief, wrong := channelOf(attached), channelOf(c.free)
	wrong.EncoderSettings.AudioDescriptions[0].Name = nil
	group := c.made(t, "inputSecurityGroups", `{"whitelistRules":[{"cidr":"10.0.0.0/8"}]}`)
	used := input("https://example.com/a.mp4")
	used.InputSecurityGroups = []string{group}
	c.made(t, "inputs", wire(t, used))
	return map[string][]attempt{
		"CreateChannel":            {{body: wire(t, thief)}, {body: wire(t, wrong)}},
		"UpdateChannel":            {{id: c.running, body: "{}"}, {id: c.idle, body: `{"encoderSettings":{"outputGroups":[]}}`}},
		"UpdateChannelClass":       {{id: c.running, body: `{"channelClass":"STANDARD"}`}, {id: c.idle, body: `{"channelClass":"x"}`}},
		"DeleteChannel":            {{id: c.running}},
		"StartChannel":             {{id: c.running}},
		"StopChannel":              {{id: c.idle}},
		"RestartChannelPipelines":  {{id: c.idle, body: "{}"}},
		"BatchUpdateSchedule":      {{id: c.idle, body: `{"deletes":{"actionNames":["x"]}}`}},
		"DeleteInput":              {{id: attached}},
		"UpdateInput":              {{id: attachedTo(t, c.h, c.running), body: `{"name":"x"}`}, {id: c.free, body: `{"sources":[]}`}},
		"CreateInput":              {{body: `{"name":"x","type":"MP4_FILE"}`}},
		"DeleteInputSecurityGroup": {{id: group}},
		"CreateInputSecurityGroup": {{body: `{"whitelistRules":[{"cidr":"x"}]}`}},
	}
}
