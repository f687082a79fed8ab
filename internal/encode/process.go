package encode

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
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
	// complaints, if not nil, receives what ffmpeg complains about without failing.
	complaints *lastBytes
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
		if bug := errors.Join(in.err, out.err); bug != nil {
			return bug
		}
		return failure(stderr.reason(), cmd.ProcessState)
	}
	if p.complaints != nil {
		*p.complaints = stderr
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

// withoutAddress returns a line of ffmpeg without what it puts before it: the
// component and where that lies in memory.
func withoutAddress(line string) string {
	line = strings.TrimSpace(line)
	if where, rest, ok := strings.Cut(line, "] "); ok && strings.HasPrefix(where, "[") && strings.Contains(where, "@ 0x") {
		return rest
	}
	return line
}

// reason returns the last line that names a cause, "" if there is none. What
// ffmpeg adds about an encoder follows what the encoder itself says.
func (t *lastBytes) reason() string {
	general := ""
	for _, line := range slices.Backward(strings.Split(strings.TrimSpace(string(t.text)), "\n")) {
		line = withoutAddress(line)
		switch {
		case line == "" || line == "Conversion failed!":
		case strings.Contains(line, "Error while opening encoder") || strings.HasPrefix(line, "Error initializing output stream"):
			general = cmp.Or(general, line)
		default:
			return line
		}
	}
	return general
}

// damage returns the first line that says that the source is damaged, "" if none does.
func (t *lastBytes) damage() string {
	for line := range strings.Lines(string(t.text)) {
		for _, sign := range []string{"error while decoding", "Invalid data found", "ended prematurely", "exceeds containing", "concealing", "corrupt"} {
			if strings.Contains(line, sign) {
				return withoutAddress(line)
			}
		}
	}
	return ""
}

// failure returns the error of a process that ended so, with what to do about it.
func failure(reason string, ended *os.ProcessState) error {
	has := func(signs ...string) bool {
		return slices.ContainsFunc(signs, func(s string) bool { return strings.Contains(reason, s) })
	}
	switch {
	case reason == "" && ended != nil && !ended.Exited():
		return fault.New(fault.Media, "ffmpeg was ended (%s): if memory is short, encode at a smaller size, as with --encode avc,width=1280", ended)
	case reason == "":
		return fault.New(fault.Media, "ffmpeg failed without a message: try another one, named in %s", pathVariable)
	case has("No space left on device"):
		return fault.New(fault.Source, "ffmpeg: %s: free some, or set LILO_CACHE to a folder with more", reason)
	case has("Unknown encoder", "Unrecognized option", "Error setting option"):
		return fault.New(fault.Usage, "ffmpeg: %s: this one was built without it; name another in %s", reason, pathVariable)
	case has("Unknown decoder", "Decoder (codec", "Decoder not found", "no decoder found"):
		return fault.New(fault.Media, "ffmpeg: %s: this one cannot decode it; name another in %s", reason, pathVariable)
	case has("opening encoder", "initializing output", "too small", "not supported", "Unsupported", "Invalid argument"):
		return fault.New(fault.Media, "ffmpeg: %s: choose other settings of --encode, such as another size, level or codec", reason)
	}
	return fault.New(fault.Media, "ffmpeg: %s: if the file is damaged, get it again", reason)
}
