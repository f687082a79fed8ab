package encode

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// process is a run of ffmpeg or ffprobe.
type process struct {
	path   string
	args   []string
	stdin  io.Reader
	stdout io.Writer
}

// waitDelay is how long a process that was killed may keep its outputs open.
const waitDelay = 2 * time.Second

// run runs the process to its end, or until ctx is done, when it is killed.
func (p process) run(ctx context.Context) error {
	// The system kills it when the thread that started it ends, as when this
	// program is killed; so the thread must last as long as the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var said tail
	cmd := exec.CommandContext(ctx, p.path, p.args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.stdin, p.stdout, &said
	cmd.WaitDelay = waitDelay
	dieTogether(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fault.New(fault.Media, "ffmpeg: %s", said.reason())
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

const tailSize = 4 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = bytes.Clone(t.text[over:])
	}
	return len(p), nil
}

// reason is the last line that tells something.
func (t *tail) reason() string {
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	for _, line := range slices.Backward(lines) {
		line = strings.TrimSpace(line)
		if line != "" && line != "Conversion failed!" {
			return line
		}
	}
	return "it failed without a word"
}
