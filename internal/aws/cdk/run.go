package cdk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// grace is how long a program has to end when it is told to.
const grace = 5 * time.Second

// command is a program that is told to end when ctx is done, and is made to a while later.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd
}

// Toolkit is the CDK's command line with the app it works on.
type Toolkit struct {
	// Command is the program, App the folder of the app.
	Command, App string
	// Env is the environment of both, as os.Environ has it.
	Env []string
	// Log takes what the program writes.
	Log io.Writer
}

// Synth has the app write its templates and what is to be uploaded into a
// folder. It asks nothing of AWS.
func (t Toolkit) Synth(ctx context.Context, dir string) error {
	return t.run(ctx, "synth", "--quiet", "--output", dir)
}

// Bootstrap makes what the CDK needs itself in an account and a region.
func (t Toolkit) Bootstrap(ctx context.Context, account, region string) error {
	return t.run(ctx, "bootstrap", "aws://"+account+"/"+region)
}

// Deploy deploys a stack of a folder that Synth wrote, and returns when
// CloudFormation is done. Interrupted, CloudFormation goes on.
func (t Toolkit) Deploy(ctx context.Context, dir, stack, outputs string) error {
	return t.run(ctx, "deploy", stack, "--app", dir, "--require-approval", "never", "--outputs-file", outputs, "--progress", "events")
}

// run runs the command line, and says of a failure what it said last of one.
func (t Toolkit) run(ctx context.Context, args ...string) error {
	last := &tail{}
	cmd := command(ctx, t.Command, append(args, "--no-color", "--no-notices", "--no-version-reporting")...)
	cmd.Dir, cmd.Env = t.App, t.Env
	cmd.Stdout = io.MultiWriter(t.Log, last)
	cmd.Stderr = cmd.Stdout
	// A Ctrl-C at the terminal is for this program to deal with: the other is
	// told by it, once it has said how things stand.
	apart(cmd)
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted while cdk %s ran: %w", args[0], context.Canceled)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fault.New(fault.Tool, "cdk %s failed (%s): %s", args[0], exit.ProcessState, strings.TrimPrefix(last.trouble(), "lilo: "))
	}
	return fault.New(fault.Tool, "cdk cannot be run: %w", err)
}

// tail keeps the end of what a program writes.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 16 << 10

// Write keeps what is written, and forgets the oldest.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = append([]byte(nil), t.text[over:]...)
	}
	return len(b), nil
}

// trouble is the line that most likely says what is wrong: the last that names
// an error, otherwise the last that says anything.
func (t *tail) trouble() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, named := "it says nothing", ""
	for line := range strings.SplitSeq(string(bytes.TrimSpace(t.text)), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "exit status ") || strings.Contains(line, "Subprocess exited with error") {
			continue // That of go run and of the CDK about what was said before.
		}
		last = line
		low := strings.ToLower(line)
		if strings.Contains(low, "error") || strings.Contains(low, "lilo:") || strings.HasPrefix(line, "❌") {
			named = line
		}
	}
	if named != "" {
		return named
	}
	return last
}

// Environment returns the environment of this process with some of it replaced.
func Environment(set map[string]string) []string {
	var env []string
	for _, each := range os.Environ() {
		name, _, _ := strings.Cut(each, "=")
		if _, ok := set[name]; !ok {
			env = append(env, each)
		}
	}
	for name, value := range set {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
