package encode

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// pathVariable names the ffmpeg to use.
const pathVariable = "LILO_FFMPEG"

// The oldest ffmpeg whose options are those used here.
const (
	oldestMajor = 4
	oldestMinor = 4
)

// tool is an ffmpeg that was found, and the ffprobe that came with it.
type tool struct {
	ffmpeg, ffprobe string
	version         string
}

// findTool finds ffmpeg and asks for its version. Faults are of kind Usage.
func findTool(ctx context.Context, env func(string) string) (tool, error) {
	var t tool
	var err error
	name := env(pathVariable)
	if name == "" {
		name = "ffmpeg"
	}
	if t.ffmpeg, err = exec.LookPath(name); err != nil {
		return t, fault.New(fault.Usage, "--encode needs ffmpeg, and %s was not found: %s, or name it in %s", name, install(), pathVariable)
	}
	if t.ffprobe, err = besides(t.ffmpeg); err != nil {
		return t, fault.New(fault.Usage, "--encode needs ffprobe, which comes with ffmpeg, and it was not found beside %s: %s", t.ffmpeg, install())
	}
	out, err := exec.CommandContext(ctx, t.ffmpeg, "-hide_banner", "-version").Output()
	if err != nil {
		return t, fault.New(fault.Usage, "%s -version does not work (%w): %s", t.ffmpeg, err, install())
	}
	t.version, _, _ = strings.Cut(string(out), "\n")
	return t, checkVersion(t.ffmpeg, t.version)
}

// besides returns the ffprobe of the same folder, or that of PATH.
func besides(ffmpeg string) (string, error) {
	near := filepath.Join(filepath.Dir(ffmpeg), "ffprobe")
	if runtime.GOOS == "windows" {
		near += ".exe"
	}
	if info, err := os.Stat(near); err == nil && info.Mode().IsRegular() {
		return near, nil
	}
	return exec.LookPath("ffprobe")
}

// checkVersion takes a version whose number it cannot read, of a build from a
// repository, for a new one.
func checkVersion(path, line string) error {
	m := regexp.MustCompile(`^ffmpeg version n?(\d+)\.(\d+)`).FindStringSubmatch(line)
	if m == nil {
		if strings.HasPrefix(line, "ffmpeg version ") {
			return nil
		}
		return fault.New(fault.Usage, "%s is not ffmpeg: name one in %s", path, pathVariable)
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return fault.New(fault.Usage, "%s is version %d.%d, and --encode needs %d.%d: %s", path, major, minor, oldestMajor, oldestMinor, install())
	}
	return nil
}

// install says how ffmpeg is installed on this system.
func install() string {
	switch runtime.GOOS {
	case "darwin":
		return "brew install ffmpeg"
	case "windows":
		return "winget install ffmpeg"
	}
	for _, way := range [][2]string{
		{"apt-get", "apt-get install ffmpeg"},
		{"dnf", "dnf install ffmpeg"},
		{"apk", "apk add ffmpeg"},
		{"pacman", "pacman -S ffmpeg"},
		{"zypper", "zypper install ffmpeg"},
	} {
		if _, err := exec.LookPath(way[0]); err == nil {
			return way[1]
		}
	}
	return "install ffmpeg"
}
