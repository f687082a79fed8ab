package encode

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// process is a command line of ffmpeg or ffprobe.
type process struct {
	path   string
	args   []string
	stdin  io.Reader
	stdout io.Writer
}

// waitDelay is how long run waits for the outputs of a killed process to close.
const waitDelay = 2 * time.Second

// run waits for the process to end and kills it when ctx is done. A failure is
// a fault of kind Media with the last line that ffmpeg wrote to standard error.
func (p process) run(ctx context.Context) error {
	// Linux kills the process when the thread that started it ends, so that it
	// does not outlive this program. The thread must therefore stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var stderr lastBytes
	in, out := guardedReader{r: p.stdin}, guardedWriter{w: p.stdout}
	cmd := exec.CommandContext(ctx, p.path, p.args...)
	cmd.Stderr = &stderr
	if p.stdin != nil {
		cmd.Stdin = &in
	}
	if p.stdout != nil {
		cmd.Stdout = &out
	}
	cmd.WaitDelay = waitDelay
	killWithParent(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if bug := cmp.Or(in.err, out.err); bug != nil {
			return bug
		}
		return fault.New(fault.Media, "ffmpeg: %s", stderr.reason())
	}
	return nil
}

// guardedReader and guardedWriter are what package exec calls in goroutines of its
// own, where a panic would end the program.
type guardedReader struct {
	r   io.Reader
	err error // of a panic
}

type guardedWriter struct {
	w   io.Writer
	err error // of a panic
}

func (g *guardedReader) Read(p []byte) (n int, err error) {
	var guard fault.Guard
	g.err = guard.Do("feeding ffmpeg", func() error { n, err = g.r.Read(p); return nil })
	return n, cmp.Or(g.err, err)
}

func (g *guardedWriter) Write(p []byte) (n int, err error) {
	var guard fault.Guard
	g.err = guard.Do("reading what ffmpeg writes", func() error { n, err = g.w.Write(p); return nil })
	return n, cmp.Or(g.err, err)
}

// lastBytes is an io.Writer that keeps the end of what is written to it.
type lastBytes struct{ text []byte }

const maxLastBytes = 4 << 10

func (t *lastBytes) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - maxLastBytes; over > 0 {
		t.text = bytes.Clone(t.text[over:])
	}
	return len(p), nil
}

// reason returns the last line that names a cause.
func (t *lastBytes) reason() string {
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	for _, line := range slices.Backward(lines) {
		line = strings.TrimSpace(line)
		if line != "" && line != "Conversion failed!" {
			return line
		}
	}
	return "it failed without a message"
}
