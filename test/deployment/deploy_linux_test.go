//go:build e2e

package deployment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// clip returns the path of the bundled clip.
func clip(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../internal/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// ffmpeg returns the path of ffmpeg, which lilo needs for --encode-here alone.
func ffmpeg(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// matroska returns the path of the bundled clip in a container that MediaLive does not
// read, with other sound.
func matroska(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clip.mkv")
	cmd := exec.CommandContext(t.Context(), ffmpeg(t), "-v", "error", "-i", clip(t), "-c:v", "copy", "-c:a", "ac3", path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	return path
}

// channel returns the only channel of MediaLive; id is empty without one.
func (s *site) channel(t *testing.T) (id, state string) {
	t.Helper()
	var list struct {
		Channels []struct{ ID, State string }
	}
	s.get(t, s.medialive+"/prod/channels", &list)
	if len(list.Channels) == 0 {
		return "", ""
	}
	if len(list.Channels) > 1 {
		t.Fatalf("%d channels, want one at most", len(list.Channels))
	}
	return list.Channels[0].ID, list.Channels[0].State
}

func (s *site) get(t *testing.T, url string, into any) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

// clean measures the stream at a URL and reports its errors.
func (s *site) clean(t *testing.T, url string) {
	t.Helper()
	out, code := s.run(t, time.Minute, "monitor", "--json", "--for", "12s", url) // Longer than a lap.
	if code != 0 {
		t.Errorf("the stream at %s has errors: monitor ended with %d\n%s", url, code, out)
	}
}

// TestDeployment deploys a local file, receives the channel, which starts by
// itself, changes it while it is on air, and destroys it while it is on air.
func TestDeployment(t *testing.T) {
	s := newSite(t)
	s.env = append(s.env, "LILO_FFMPEG="+ffmpeg(t))
	to := fmt.Sprintf("rtp://%s:5000", address)
	s.must(t, 5*time.Minute, "deploy", clip(t), "--to", to, "--name", "first", "--yes", "--encode", "avc")
	id, state := s.channel(t)
	if state != "RUNNING" {
		t.Fatalf("after deploy the channel is %s", state)
	}
	s.clean(t, to)

	out := s.must(t, time.Minute, "status", "--json")
	if !strings.Contains(out, "RUNNING") {
		t.Errorf("status says %s", out)
	}

	// A change stops the running channel, changes it and starts it again. MediaLive does
	// not decode the new source: it is encoded here.
	to = fmt.Sprintf("rtp://%s:5002", address)
	changed := []string{"deploy", matroska(t), "--encode-here", "avc", "--to", to, "--name", "first", "--yes", "--encode", "avc"}
	s.must(t, 5*time.Minute, changed...)
	if again, state := s.channel(t); again != id || state != "RUNNING" {
		t.Errorf("after the change channel %s is %s, before it was %s", again, state, id)
	}
	s.clean(t, to)

	// Deploying again without a change does nothing.
	s.must(t, 5*time.Minute, changed...)

	s.must(t, 5*time.Minute, "destroy", "--yes")
	if id, state := s.channel(t); id != "" {
		t.Errorf("after destroy channel %s is %s", id, state)
	}
	s.nothingLeft(t)
	s.must(t, time.Minute, "destroy", "--yes") // No stack is no error.
}

// nothingLeft reports what a deleted stack left behind in the emulator and in
// MediaLive, except the names in but.
func (s *site) nothingLeft(t *testing.T, but ...string) {
	t.Helper()
	var left map[string][]string
	s.get(t, s.emulator+"/emulator/left", &left)
	for what, names := range left {
		names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(but, n) })
		if len(names) > 0 {
			t.Errorf("%s are left: %v", what, names)
		}
	}
	var inputs struct{ Inputs []struct{ ID, State string } }
	s.get(t, s.medialive+"/prod/inputs", &inputs)
	if len(inputs.Inputs) > 0 {
		t.Errorf("inputs are left: %v", inputs.Inputs)
	}
}

// TestTheCDKDeploysTheAssembly has the CDK's command line deploy what lilo synth wrote.
func TestTheCDKDeploysTheAssembly(t *testing.T) {
	s := newSite(t)
	assembly := filepath.Join(s.dir, "assembly")
	s.must(t, time.Minute, "synth", clip(t), "--to", fmt.Sprintf("rtp://%s:5000", address), "--encode", "avc", "--out", assembly)
	for _, args := range [][]string{{"bootstrap", "aws://123456789012/eu-west-1"}, {"deploy", "--app", assembly, "--require-approval", "never"}} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(os.Getenv(inside), "node", "node_modules", ".bin", "cdk"), append(args, "--ci")...)
		cmd.Env, cmd.Dir = slices.Concat(s.env, s.tools), s.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("cdk %s: %v\n%s", args[0], err, out)
		}
	}
	if _, state := s.channel(t); state != "RUNNING" {
		t.Fatalf("after cdk deploy the channel is %s", state)
	}
	s.must(t, 5*time.Minute, "destroy", "--yes")
	s.nothingLeft(t)
}

// TestScript deploys and destroys a channel with a schedule by the script, and has the
// schedule start and stop it.
func TestScript(t *testing.T) {
	s := newSite(t)
	config := fmt.Sprintf("source: %s\nto: rtp://%s:5000\nencode: avc\nname: scripted\naws:\n  schedule: %s\n", clip(t), address, offNow())
	if err := os.WriteFile(filepath.Join(s.dir, "lilo.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("../../scripts/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	run := func(action string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), script, "-a", action)
		cmd.Env, cmd.Dir = slices.Concat(s.env, []string{"LILO=" + s.lilo, "PATH=" + os.Getenv("PATH")}), s.dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("run.sh -a %s: %v\n%s", action, err, out)
		}
		if action == "deploy" && !strings.Contains(string(out), "the channel stays off air until") {
			t.Errorf("the channel is not said to stay off air:\n%s", out)
		}
	}
	run("deploy")
	if _, state := s.channel(t); state != "IDLE" {
		t.Fatalf("outside of its schedule the channel is %s", state)
	}
	for _, c := range []struct{ schedule, state string }{{"start-", "RUNNING"}, {"stop-", "IDLE"}} {
		var name struct{ Name string }
		s.get(t, s.emulator+"/emulator/schedule/"+c.schedule, &name)
		s.awaitState(t, c.state)
	}
	run("destroy")
	s.nothingLeft(t)
}

// offNow returns a schedule that is off for the next hours.
func offNow() string {
	from := time.Now().UTC().Add(6 * time.Hour)
	return fmt.Sprintf("%02d:00-%02d:00 UTC", from.Hour(), from.Add(time.Hour).Hour())
}

// awaitState waits until the channel is in a state.
func (s *site) awaitState(t *testing.T, want string) {
	t.Helper()
	state := ""
	for range 240 {
		if _, state = s.channel(t); state == want {
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
	t.Fatalf("the channel is %s, want %s", state, want)
}

// put creates a bucket in the emulator and puts a file into it.
func (s *site) put(t *testing.T, bucket, key, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s.request(t, http.MethodPut, s.emulator+"/"+bucket, "s3", []byte(`<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`))
	s.request(t, http.MethodPut, s.emulator+"/"+bucket+"/"+key, "s3", content)
}

func (s *site) request(t *testing.T, method, url, service string, body []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// The emulator reads the region and the service from the signature.
	if service != "s3" { // Of which it would lose the body as a form.
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if text, _ := io.ReadAll(got.Body); got.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", method, url, got.Status, text)
	}
}

// TestStandardDeployment deploys an object of S3 with two pipelines, starts and
// stops the channel by hand, and destroys it beside a second deployment.
func TestStandardDeployment(t *testing.T) {
	s := newSite(t)
	s.put(t, "movies", "clip.mp4", clip(t))
	one, two := fmt.Sprintf("rtp://%s:5000", address), fmt.Sprintf("rtp://%s:5010", address)
	s.must(t, 5*time.Minute, "deploy", "s3://movies/clip.mp4", "--standard", "--to", one, "--to", two,
		"--name", "twins", "--encode", "avc", "--no-auto-start", "--ttl", "8h", "--yes")
	if _, state := s.channel(t); state != "IDLE" {
		t.Fatalf("after deploy --no-auto-start the channel is %s", state)
	}
	s.must(t, time.Minute, "start")
	if _, state := s.channel(t); state != "RUNNING" {
		t.Fatalf("after start the channel is %s", state)
	}
	s.clean(t, one)
	s.clean(t, two)
	s.must(t, time.Minute, "start") // A running channel is no error.
	s.must(t, time.Minute, "stop")
	if _, state := s.channel(t); state != "IDLE" {
		t.Errorf("after stop the channel is %s", state)
	}

	// A second deployment beside it: no names clash.
	s.must(t, 5*time.Minute, "deploy", "s3://movies/clip.mp4", "--stack", "Other", "--to", fmt.Sprintf("rtp://%s:5020", address),
		"--name", "other", "--encode", "avc", "--yes")
	s.must(t, 5*time.Minute, "destroy", "--yes")
	if _, state := s.channel(t); state != "RUNNING" {
		t.Errorf("after destroy of the first, the other channel is %s", state)
	}
	s.must(t, 5*time.Minute, "destroy", "--stack", "Other", "--yes")
	s.nothingLeft(t, "movies") // The user's own bucket stays.
}

// TestDeploymentInterrupted interrupts and repeats a deployment and its
// destruction, and checks that a failed one says why and leaves nothing.
func TestDeploymentInterrupted(t *testing.T) {
	s := newSite(t, "--max-channels", "1")
	deploy := []string{"deploy", clip(t), "--to", fmt.Sprintf("rtp://%s:5000", address), "--name", "first", "--encode", "avc", "--yes"}
	s.interrupt(t, "CREATE_IN_PROGRESS", deploy...)
	s.must(t, 5*time.Minute, deploy...)
	if _, state := s.channel(t); state != "RUNNING" {
		t.Fatalf("after the interrupted deployment was repeated, the channel is %s", state)
	}

	// MediaLive has room for one channel: a second deployment fails, says why, and is rolled back.
	out, code := s.run(t, 5*time.Minute, "deploy", clip(t), "--stack", "Other", "--to", fmt.Sprintf("rtp://%s:5020", address),
		"--name", "other", "--encode", "avc", "--yes")
	if code == 0 || !strings.Contains(out, "AWS::MediaLive::Channel") {
		t.Errorf("a deployment without room ended with %d or does not name the channel", code)
	}
	s.must(t, 5*time.Minute, "destroy", "--stack", "Other", "--yes")

	s.interrupt(t, "DELETE_IN_PROGRESS", "destroy", "--yes")
	s.must(t, 5*time.Minute, "destroy", "--yes")
	s.nothingLeft(t)
}

// TestOverlappingCreateAndDelete destroys a deployment while its channel starts, and one
// while it is rolled back: the deletion takes over, each resource is deleted once, and the
// execution that the creation began, which goes on for a while, starts nothing.
func TestOverlappingCreateAndDelete(t *testing.T) {
	s := newSite(t, "--max-channels", "1")
	deploy := []string{"deploy", clip(t), "--to", fmt.Sprintf("rtp://%s:5000", address), "--name", "first", "--encode", "avc", "--yes"}
	destroy := func(args ...string) { s.must(t, 5*time.Minute, append([]string{"destroy", "--yes"}, args...)...) }
	for name, end := range map[string]func(){
		"by lilo, which stops the channel first": func() { destroy() },
		"by CloudFormation alone":                func() { s.deleteStack(t, "LILO-Client-Dev-eu-west-1") },
	} {
		before := s.emulated(t)
		cmd := s.command(t.Context(), deploy...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s.awaitOnAir(t, len(before.Functions))
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		end()
		s.nothingLeft(t)
		s.deletedOnce(t, before)
		if id, state := s.channel(t); id != "" {
			t.Errorf("%s: channel %s is %s", name, id, state)
		}
	}
	s.must(t, 5*time.Minute, deploy...)
	before := s.emulated(t)
	s.interrupt(t, "ROLLBACK_IN_PROGRESS", append(deploy, "--stack", "Other")...) // MediaLive has no room for it.
	s.deleteStack(t, "LILO-Client-Other-eu-west-1")
	s.deletedOnce(t, before)
	destroy()
	s.nothingLeft(t)
}

// emulated is what the emulator has done.
type emulated struct {
	Functions [][]any // of each call of a function its name, its event and its answer
	Deleted   []string
}

func (s *site) emulated(t *testing.T) (e emulated) {
	t.Helper()
	s.get(t, s.emulator+"/emulator", &e)
	return e
}

// awaitOnAir waits until a creation has begun to start a channel, after the first calls.
func (s *site) awaitOnAir(t *testing.T, calls int) {
	t.Helper()
	for range 600 {
		for _, call := range s.emulated(t).Functions[calls:] {
			if event, _ := call[1].(map[string]any); event["LogicalResourceId"] == "OnAir" && event["RequestType"] == "Create" {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no channel was started: %s", s.stack(t))
}

// deletedOnce checks that a deployment was deleted since, and nothing of it twice.
func (s *site) deletedOnce(t *testing.T, before emulated) {
	t.Helper()
	deleted := s.emulated(t).Deleted[len(before.Deleted):]
	seen := make(map[string]bool)
	for _, name := range deleted {
		if seen[name] {
			t.Errorf("%s was deleted twice", name)
		}
		seen[name] = true
	}
	if len(deleted) < 10 {
		t.Errorf("only %q were deleted", deleted)
	}
}

// deleteStack has CloudFormation delete a stack, and waits until it is gone.
func (s *site) deleteStack(t *testing.T, name string) {
	t.Helper()
	s.request(t, http.MethodPost, s.emulator+"/", "cloudformation", []byte("Action=DeleteStack&Version=2010-05-15&StackName="+name))
	for range 1200 {
		if !strings.Contains(s.stack(t), name) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the stack is still there: %s", s.stack(t))
}

// interrupt runs the program and interrupts it when a stack has a status.
func (s *site) interrupt(t *testing.T, when string, args ...string) {
	t.Helper()
	cmd := s.command(t.Context(), args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(s.stack(t), when); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no stack became %s: %s\n%s", when, s.stack(t), out.String())
		}
	}
	_ = cmd.Process.Signal(os.Interrupt) // It may have ended already.
	_ = cmd.Wait()
	t.Logf("$ lilo %s (interrupted at %s)\n%s", strings.Join(args, " "), when, out.String())
}

// stack returns the statuses of all stacks, as text.
func (s *site) stack(t *testing.T) string {
	t.Helper()
	var stacks map[string]string
	s.get(t, s.emulator+"/emulator/stacks", &stacks)
	return fmt.Sprint(stacks)
}
