package encode

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// buggy panics whatever it is asked.
type buggy struct{}

func (buggy) Read([]byte) (int, error)  { panic("a bug") }
func (buggy) Write([]byte) (int, error) { panic("a bug") }

// TestPanicsBecomeErrors: bugs in goroutines that feed ffmpeg and read from it
// end one encoding, not the program.
func TestPanicsBecomeErrors(t *testing.T) {
	for what, p := range map[string]process{
		"feeding ffmpeg":           {path: "/bin/cat", stdin: buggy{}},
		"reading what ffmpeg writ": {path: "/bin/sh", args: []string{"-c", "while echo x; do :; done"}, stdout: buggy{}},
	} {
		err := p.run(t.Context())
		if fault.KindOf(err) != fault.Internal || !strings.HasPrefix(err.Error(), what) || !strings.Contains(err.Error(), "through a bug in LILO (a bug)") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestPanicWhileEncodingSoundIsAnError(t *testing.T) {
	j, _ := newFakeJob(t, "30.0", "2", "")
	m, err := j.Cache.Use("test")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	tools, err := findFFmpeg(t.Context(), j.Env)
	if err != nil {
		t.Fatal(err)
	}
	in := film()
	p, err := newPlan("file:in.mp4", j.Settings, in)
	if err != nil {
		t.Fatal(err)
	}
	a := (&builder{job: &j, tools: tools, entry: m, plan: p}).newAudioEncoder(0, &in.audio[0])
	a.layout.padding = -1 // Package bytes panics.
	if _, err := a.encodeBody(t.Context()); fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "encoding sound failed through a bug") {
		t.Errorf("got %v", err)
	}
}
