//go:build e2e

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/test/tools"
	"github.com/lilo-live/lilo/test/tutorial"
)

// The commands of the tutorials do what the tutorials say, each tutorial on a
// machine of its own: a network and process namespace.
func TestTutorials(t *testing.T) {
	long(t)
	for _, name := range []string{"first-channel", "test-a-receiver", "lab-of-forty", "three-machines"} {
		t.Run(name, func(t *testing.T) {
			markdown, err := os.ReadFile(filepath.Join("..", "..", "docs", "tutorials", name+".md"))
			if err != nil {
				t.Fatal(err)
			}
			steps := tutorial.Parse(string(markdown))
			for attempt := 1; ; attempt++ {
				printed, err := onItsOwn(t, "ip link set lo up\n"+tutorial.Script(steps))
				if err == nil {
					err = tutorial.Check(steps, printed)
				}
				if err == nil {
					return
				}
				// A machine that is busy with other tests loses datagrams, and the tutorials
				// measure streams.
				if attempt == 3 {
					t.Fatalf("%v\n%s", err, printed)
				}
			}
		})
	}
}

// onItsOwn runs a bash script in namespaces of its own, in a folder that holds
// movie.mp4 and with the program in PATH, and returns what it printed.
func onItsOwn(t *testing.T, script string) (string, error) {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	clip, err := os.ReadFile(filepath.Join("..", "..", "internal", "clip", "clip.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"movie.mp4": clip, "tutorial.sh": []byte(script)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "tutorial.sh")
	cmd.Dir = dir
	path := strings.Join([]string{filepath.Dir(file), filepath.Dir(tools.EtcdProgram(t)), os.Getenv("PATH")}, ":")
	cmd.Env = append(os.Environ(), "PATH="+path, "HOME="+dir, "XDG_CACHE_HOME="+dir, "XDG_STATE_HOME="+dir)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}
