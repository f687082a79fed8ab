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

// StateDir returns the directory of the state where none is given: what
// systemd made for the service, or lilo in the user's state directory as the
// system has it. It is empty where none is known.
func StateDir(env func(string) string) string {
	if dir, _, _ := strings.Cut(env("STATE_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	if dir := env("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "lilo")
	}
	home, err := os.UserHomeDir()
	switch {
	case runtime.GOOS == "windows" && env("LocalAppData") != "":
		return filepath.Join(env("LocalAppData"), "lilo", "state")
	case err != nil:
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "lilo")
	}
	return filepath.Join(home, ".local", "state", "lilo")
}

// clipName is what the bundled clip is called in a folder of its own below the
// state directory: a channel of the API has a source that has a name.
const clipName = "LILO.mp4"

// putClip puts the bundled clip into the state directory, where it is not
// there already, and returns its path.
func (o *Options) putClip() (string, error) {
	r, size := clip.Open()
	path, err := filepath.Abs(filepath.Join(o.State, "clip", clipName))
	if err != nil {
		return "", fault.New(fault.Usage, "--state %s: %w", o.State, err)
	}
	text := make([]byte, size)
	if _, err := r.ReadAt(text, 0); err != nil {
		return "", err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return path, nil // It may be on air at this moment.
	}
	if err := replaceFile(path, text, 0o600); err != nil {
		return "", fault.New(fault.Usage, "--state %s: %w", o.State, reason(err))
	}
	return path, nil
}
