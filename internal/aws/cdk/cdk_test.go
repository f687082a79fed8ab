package cdk

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// script puts a program of the shell into a folder.
func script(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	put(t, path, "#!/bin/sh\n"+text+"\n")
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func place(t *testing.T, env map[string]string) Place {
	return Place{Cache: t.TempDir(), Work: t.TempDir(), Executable: filepath.Join(t.TempDir(), "lilo"), Env: func(k string) string { return env[k] }}
}

func TestToolsThatAreMissingOrTooOld(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	_, err := Node(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "the AWS CDK needs Node.js") || fault.KindOf(err) != fault.Tool {
		t.Error(err)
	}
	if _, err = Go(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "LILO's CDK app and its functions are built with Go") {
		t.Error(err)
	}
	script(t, dir, "node", "echo v18.1.0")
	script(t, dir, "go", "echo go1.22.3")
	if _, err = Node(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "Node.js 18.1.0 is too old") {
		t.Error(err)
	}
	if _, err = Go(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "go1.22.3 is too old") {
		t.Error(err)
	}
	script(t, dir, "node", "echo v24.0.1")
	script(t, dir, "go", "echo go1.26.8")
	if v, err := Node(t.Context()); v != "24.0.1" || err != nil {
		t.Error(v, err)
	}
	if v, err := Go(t.Context()); v != "1.26.8" || err != nil {
		t.Error(v, err)
	}
}

func TestTheCommandLineIsThePinnedOne(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	p := place(t, nil)
	if got, err := p.Command(t.Context()); got != "" || err != nil {
		t.Error(got, err)
	}
	other := script(t, dir, "cdk", "echo '3.0.0 (build x)'")
	if got, _ := p.Command(t.Context()); got != "" {
		t.Errorf("%s is another version", got)
	}
	script(t, dir, "cdk", "echo '"+Version+" (build x)'")
	if got, _ := p.Command(t.Context()); got != other {
		t.Error(got)
	}
	put(t, p.installed(), "")
	if got, _ := p.Command(t.Context()); got != p.installed() {
		t.Error(got)
	}
	named := script(t, t.TempDir(), "mine", "true")
	p.Env = func(string) string { return named }
	if got, _ := p.Command(t.Context()); got != named {
		t.Error(got)
	}
	p.Env = func(string) string { return "/nowhere" }
	if _, err := p.Command(t.Context()); err == nil || err.Error() != "LILO_CDK names /nowhere, which cannot be run" {
		t.Error(err)
	}
}

func TestInstallLeavesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	p := place(t, nil)
	script(t, dir, "npm", "mkdir -p $3/node_modules/.bin; exit 1")
	if _, err := p.Install(t.Context(), &bytes.Buffer{}); err == nil || fault.KindOf(err) != fault.Tool {
		t.Error(err)
	}
	if left, _ := os.ReadDir(p.Cache); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	script(t, dir, "npm", "mkdir -p $3/node_modules/.bin; echo $7 > $3/node_modules/.bin/cdk")
	for range 2 { // Twice: it takes the place of what was there.
		got, err := p.Install(t.Context(), &bytes.Buffer{})
		if text, _ := os.ReadFile(got); err != nil || strings.TrimSpace(string(text)) != "aws-cdk@"+Version {
			t.Errorf("%q %v", text, err)
		}
	}
}

func TestTheAppIsFound(t *testing.T) {
	checkout := t.TempDir()
	app := filepath.Join(checkout, "deploy", "aws")
	put(t, filepath.Join(app, "cdk.json"), "{}")
	env := map[string]string{}
	p := place(t, env)
	if _, err := p.App(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "LILO's CDK app was not found") {
		t.Error(err)
	}
	p.Work = filepath.Join(checkout, "docs")
	if got, err := p.App(t.Context()); got != app {
		t.Error(got, err)
	}
	p.Work, p.Executable = t.TempDir(), filepath.Join(checkout, "bin", "lilo")
	if got, err := p.App(t.Context()); got != app {
		t.Error(got, err)
	}
	env["LILO_CDK_APP"] = t.TempDir()
	if _, err := p.App(t.Context()); err == nil || !strings.Contains(err.Error(), "which has no cdk.json") {
		t.Error(err)
	}
}

// TestAReleasedAppIsPutTogether has Go say where the two modules are, as it
// does once it has fetched them.
func TestAReleasedAppIsPutTogether(t *testing.T) {
	dir, modules := t.TempDir(), t.TempDir()
	put(t, filepath.Join(modules, "lilo", "go.mod"), "module lilo")
	put(t, filepath.Join(modules, "aws", "cdk.json"), "{}")
	script(t, dir, "go", `case "$4" in */deploy/aws@v1.2.3) d=aws ;; *lilo@v1.2.3) d=lilo ;; *) echo '{"Error":"no such version"}'; exit 1 ;; esac
echo "{\"Dir\": \"`+modules+`/$d\"}"`)
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	p := place(t, nil)
	p.Module = "v1.2.3"
	for range 2 {
		app, err := p.App(t.Context())
		if err != nil || !isApp(app) {
			t.Fatal(app, err)
		}
		if _, err := os.Stat(filepath.Join(app, "..", "..", "go.mod")); err != nil {
			t.Error(err)
		}
	}
	p.Module = "v9.9.9"
	if _, err := p.App(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "LILO's CDK app cannot be fetched: no such version") {
		t.Error(err)
	}
}

func TestWhatTheCommandLineSaysLastIsTheReason(t *testing.T) {
	dir := t.TempDir()
	cases := []struct{ script, want string }{
		{"echo one; echo 'lilo: to: a destination is missing' >&2; echo 'exit status 2'; echo 'go run ./x: Subprocess exited with error 1'; exit 1", "cdk synth failed (exit status 1): to: a destination is missing"},
		{"echo one; echo two; exit 3", "cdk synth failed (exit status 3): two"},
		{"exit 1", "cdk synth failed (exit status 1): it wrote nothing"},
	}
	for _, c := range cases {
		var log bytes.Buffer
		k := Toolkit{Command: script(t, dir, "cdk", c.script), App: dir, Env: os.Environ(), Log: &log}
		if err := k.Synth(t.Context(), t.TempDir()); err == nil || err.Error() != c.want || fault.KindOf(err) != fault.Tool {
			t.Error(err)
		}
	}
}

// TestInterruptedItEnds tells the program and all it started to end.
func TestInterruptedItEnds(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	began := writerFunc(func([]byte) { cancel() })
	k := Toolkit{Command: script(t, dir, "cdk", "echo begun; sleep 600"), App: dir, Env: os.Environ(), Log: began}
	if err := k.Deploy(ctx, dir, "S", "out"); err == nil || !strings.HasPrefix(err.Error(), "interrupted while cdk deploy ran") {
		t.Error(err)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) { f(b); return len(b), nil }

func TestAssembly(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadAssembly(dir); fault.KindOf(err) != fault.Tool {
		t.Error(err)
	}
	put(t, filepath.Join(dir, "manifest.json"), `{"artifacts": {"Tree": {"type": "cdk:tree"}, "S.assets": {"type": "cdk:asset-manifest"},
		"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}, "displayName": "Name"}}}`)
	put(t, filepath.Join(dir, "S.template.json"), `{"Resources": {"A": {"Type": "T"}, "B": {"Type": "T"}}}`)
	put(t, filepath.Join(dir, "x.nested.template.json"), `{"Resources": {"C": {"Type": "AWS::MediaLive::Channel", "Properties": {"Name": "n"}}}}`)
	a, err := ReadAssembly(dir)
	if err != nil || a.Stack != "Name" || !slices.Equal(a.Counts, []Count{{"AWS::MediaLive::Channel", 1}, {"T", 2}}) {
		t.Errorf("%+v %v", a, err)
	}
	var properties struct{ Name string }
	if json.Unmarshal(a.Channel, &properties) != nil || properties.Name != "n" {
		t.Errorf("%s", a.Channel)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("LILO_X", "old")
	t.Setenv("LILO_Y", "old")
	env := Environment(map[string]string{"LILO_X": "new", "LILO_Y": ""})
	if !slices.Contains(env, "LILO_X=new") || slices.Contains(env, "LILO_X=old") || slices.Contains(env, "LILO_Y=old") {
		t.Error(env)
	}
}
