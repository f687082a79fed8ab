//go:build e2e

package deployment

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/test/tutorial"
)

// TestTutorial runs the commands of the AWS tutorial and compares their output with
// it. It replaces the address of the receiver, and encodes small pictures.
func TestTutorial(t *testing.T) {
	s := newSite(t)
	markdown, err := os.ReadFile(filepath.Join("..", "..", "docs", "tutorials", "aws-and-back.md"))
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("203.0.113.7", address, "destroy --yes", "destroy --yes", " --yes", " --yes --encode avc", "movie.mp4", clip(t), "assembly", filepath.Join(s.dir, "assembly"))
	steps := tutorial.Parse(here.Replace(string(markdown)))
	script := filepath.Join(s.dir, "tutorial.sh")
	if err := os.WriteFile(script, []byte(tutorial.Script(steps)), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", script)
	cmd.Env = slices.Concat(s.env, []string{"PATH=" + filepath.Dir(s.lilo) + ":" + os.Getenv("PATH")})
	cmd.Dir, cmd.WaitDelay = filepath.Join("..", ".."), 5*time.Second
	printed, err := cmd.CombinedOutput()
	if err == nil {
		err = tutorial.Check(steps, string(printed))
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	if id, state := s.channel(t); id != "" {
		t.Errorf("after the tutorial channel %s is %s", id, state)
	}
	s.nothingLeft(t)
}
