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

// grace is how long an interrupted program may take to end.
const grace = 5 * time.Second

// command returns a program that is sent SIGTERM when ctx is done, and killed after grace.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd
}

// Toolkit runs the CDK's command line on an app.
type Toolkit struct {
	// Command is the CDK's program, App the folder of the app.
	Command, App string
	// Env is the environment of both, in the form of os.Environ.
	Env []string
	// Log receives what the program writes.
	Log io.Writer
}

// Synth synthesises the app: it writes templates and assets into a folder. It
// needs no access to AWS.
func (t Toolkit) Synth(ctx context.Context, dir string) error {
	return t.run(ctx, "synth", "--quiet", "--output", dir)
}

// Bootstrap creates what the CDK itself needs in an account and a region.
func (t Toolkit) Bootstrap(ctx context.Context, account, region string) error {
	return t.run(ctx, "bootstrap", "aws://"+account+"/"+region)
}

// Deploy deploys a stack from a folder that Synth wrote, and returns when
// CloudFormation is done. If ctx ends before, CloudFormation goes on.
func (t Toolkit) Deploy(ctx context.Context, dir, stack, outputs string) error {
	return t.run(ctx, "deploy", stack, "--app", dir, "--require-approval", "never", "--outputs-file", outputs, "--progress", "events")
}

// run runs the command line. The error of a failure has the last error that it wrote.
func (t Toolkit) run(ctx context.Context, args ...string) error {
	last := &tail{}
	cmd := command(ctx, t.Command, append(args, "--no-color", "--no-notices", "--no-version-reporting")...)
	cmd.Dir, cmd.Env = t.App, t.Env
	cmd.Stdout = io.MultiWriter(t.Log, last)
	cmd.Stderr = cmd.Stdout
	// A Ctrl-C at the terminal must reach this program alone, which then ends the other.
	separate(cmd)
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted while cdk %s ran: %w", args[0], context.Canceled)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fault.New(fault.Tool, "cdk %s failed (%s): %s", args[0], exit.ProcessState, strings.TrimPrefix(last.lastError(), "lilo: "))
	}
	return fault.New(fault.Tool, "cdk cannot be run: %w", err)
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 16 << 10

// Write keeps b and drops what exceeds tailSize.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = append([]byte(nil), t.text[over:]...)
	}
	return len(b), nil
}

// lastError returns the last line that names an error, or else the last line.
func (t *tail) lastError() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, named := "it wrote nothing", ""
	for line := range strings.SplitSeq(string(bytes.TrimSpace(t.text)), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "exit status ") || strings.Contains(line, "Subprocess exited with error") {
			continue // go run and the CDK add these to what was written before.
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

// Environment returns the environment of this process with some variables replaced; empty ones are removed.
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
