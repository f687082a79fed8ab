package encode

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// running reports whether a process runs. One that has ended and that nobody
// has waited for does not.
func running(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := bytes.Cut(stat, []byte(") "))
	return len(state) > 0 && state[0] != 'Z' && state[0] != 'X'
}

// eventually waits up to ten seconds for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 1000 {
		if condition() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("after 10 s: not " + what)
}

// pids returns the process ids in a file.
func pids(path string) []string {
	text, _ := os.ReadFile(path)
	return strings.Fields(string(text))
}

// TestCancelKillsChildren checks that the processes that ffmpeg started end with it.
func TestCancelKillsChildren(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		script := fmt.Sprintf("sleep 600 & echo $! $$ >'%s'; wait", file)
		done <- process{path: "/bin/sh", args: []string{"-c", script}}.run(ctx)
	}()
	eventually(t, "started", func() bool { return len(pids(file)) == 2 })
	cancel()
	if err := <-done; err != context.Canceled { //nolint:errorlint // It must be this one, unwrapped.
		t.Error(err)
	}
	for _, pid := range pids(file) {
		eventually(t, "dead", func() bool { return !running(pid) })
	}
}

// TestKilledWithParent kills a process that runs ffmpeg and checks that ffmpeg ends.
func TestKilledWithParent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), binary, file)
	parent.Env = append(os.Environ(), fakeName+"=parent")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "started", func() bool { return len(pids(file)) == 1 })
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	eventually(t, "dead", func() bool { return !running(pids(file)[0]) })
}

// fakeParent runs a process that does not end by itself.
func fakeParent() {
	script := fmt.Sprintf("echo $$ >'%s'; exec sleep 600", os.Args[1])
	_ = process{path: "/bin/sh", args: []string{"-c", script}}.run(context.Background())
}

// TestCancelWhileEncoding cancels while the decoder feeds the encoder.
func TestCancelWhileEncoding(t *testing.T) {
	j, log := newFakeJob(t, "8.0", "2", "slow decoder")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for range 1000 {
			if text, _ := os.ReadFile(log); bytes.Contains(text, []byte("atrim")) && bytes.Contains(text, []byte("pipe:0")) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if _, err := Make(ctx, j); err == nil || err.Error() != "interrupted: source.mp4 was not encoded" {
		t.Error(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range regexp.MustCompile(`(?m)^ff\w+ (\d+)`).FindAllStringSubmatch(string(text), -1) {
		if running(run[1]) {
			t.Errorf("process %s runs on", run[1])
		}
	}
	nothingLeft(t, j)
}
