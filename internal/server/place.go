package server

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
