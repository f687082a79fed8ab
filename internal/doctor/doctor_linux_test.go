package doctor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Wait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// TestExamine examines a machine with a poor ffmpeg and no access to AWS.
func TestExamine(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ffmpeg", "ffprobe"} {
		script := "#!/bin/sh\ncase $2 in -version) echo ffmpeg version 7.1 Copyright x;; -encoders) printf ' V....D mpeg2video x\\n A....D aac x\\n A....D ac3_fixed x\\n';; esac\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	env := map[string]string{"LILO_FFMPEG": filepath.Join(dir, "ffmpeg")}
	byName := map[string]Finding{}
	var names []string
	for _, f := range Examine(t.Context(), Patient{Env: func(name string) string { return env[name] }, Clock: realClock{}}) {
		byName[f.Name] = f
		names = append(names, f.Name)
		if f.Found == "" || f.OK != (f.Advice == "") || strings.Contains(f.Found+f.Advice, "\n") {
			t.Errorf("%+v", f)
		}
	}
	if got := strings.Join(names, ", "); got != "segmentation offload, multicast, send buffer, receive buffer, real-time priority, ffmpeg, wake-ups, clock, AWS" {
		t.Error(got)
	}
	if f := byName["ffmpeg"]; f.OK || f.Found != "ffmpeg version 7.1 at "+env["LILO_FFMPEG"] || !strings.HasPrefix(f.Advice, "it lacks libx264, libx265, ac3, mp2: ") {
		t.Errorf("%+v", f)
	}
	if f := byName["AWS"]; f.OK || !strings.Contains(f.Advice, "AWS_REGION") {
		t.Errorf("%+v", f)
	}
	if f := byName["segmentation offload"]; !f.OK {
		t.Errorf("%+v", f)
	}
	env["LILO_FFMPEG"] = filepath.Join(dir, "none")
	if f := (Patient{Env: func(name string) string { return env[name] }}).ffmpeg(t.Context()); f.OK || !strings.Contains(f.Advice, "LILO_FFMPEG") {
		t.Errorf("%+v", f)
	}
}

// TestBuffer asks for more than any system grants.
func TestBuffer(t *testing.T) {
	f := buffer("send buffer", "net.core.wmem_max", 1<<30, "datagrams are dropped", unix.SO_SNDBUF)
	if f.OK || f.Advice != "datagrams are dropped; allow it with sysctl -w net.core.wmem_max=1073741824, for good in /etc/sysctl.d" {
		t.Errorf("%+v", f)
	}
	if f := buffer("send buffer", "net.core.wmem_max", 4096, "", unix.SO_SNDBUF); !f.OK {
		t.Errorf("%+v", f)
	}
}
