package server

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
)

// StateDir returns the default state directory: the one that systemd made for the
// service, or lilo in the user's state directory. It is empty if none is known.
func StateDir(getenv func(string) string) string {
	if dir, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "lilo")
	}
	home, err := os.UserHomeDir()
	switch {
	case runtime.GOOS == "windows" && getenv("LocalAppData") != "":
		return filepath.Join(getenv("LocalAppData"), "lilo", "state")
	case err != nil:
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "lilo")
	}
	return filepath.Join(home, ".local", "state", "lilo")
}

// writeClip writes the bundled clip below the state directory, since the source of
// an input has a name, and returns its path. It has a folder of its own.
func (o *Options) writeClip() (string, error) {
	r, size := clip.Open()
	path, err := filepath.Abs(filepath.Join(o.State, "clip", "LILO.mp4"))
	if err != nil {
		return "", fault.New(fault.Usage, "--state %s: %w", o.State, err)
	}
	content := make([]byte, size)
	if _, err := r.ReadAt(content, 0); err != nil {
		return "", err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return path, nil // A channel may be playing it.
	}
	if err := replaceFile(path, content, 0o600); err != nil {
		return "", fault.New(fault.Usage, "--state %s: %w", o.State, fault.Reason(err))
	}
	return path, nil
}
