package encode

import (
	"cmp"
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

// pathVariable is the environment variable that names the ffmpeg to use.
const pathVariable = "LILO_FFMPEG"

// The oldest version that has all options used here.
const (
	oldestMajor = 4
	oldestMinor = 4
)

// ffmpeg is an installation of ffmpeg.
type ffmpeg struct {
	ffmpeg, ffprobe string // paths
	version         string // first line of -version
}

// findFFmpeg finds ffmpeg and checks its version. Its errors are faults of kind Usage.
func findFFmpeg(ctx context.Context, env func(string) string) (ffmpeg, error) {
	var t ffmpeg
	var err error
	name := cmp.Or(env(pathVariable), "ffmpeg")
	if t.ffmpeg, err = exec.LookPath(name); err != nil {
		return t, fault.New(fault.Usage, "--encode needs ffmpeg, and %s was not found: %s, or name it in %s", name, installCommand(), pathVariable)
	}
	if t.ffprobe, err = findFFprobe(t.ffmpeg); err != nil {
		return t, fault.New(fault.Usage, "--encode needs ffprobe, which comes with ffmpeg, and it was not found beside %s: %s", t.ffmpeg, installCommand())
	}
	out, err := exec.CommandContext(ctx, t.ffmpeg, "-hide_banner", "-version").Output()
	if err != nil {
		return t, fault.New(fault.Usage, "%s -version does not work (%w): %s", t.ffmpeg, err, installCommand())
	}
	t.version, _, _ = strings.Cut(string(out), "\n")
	return t, checkVersion(t.ffmpeg, t.version)
}

// CheckFFmpeg returns the version of the ffmpeg that is used, and the encoders of codings
// that it lacks. Its errors are faults of kind Usage.
func CheckFFmpeg(ctx context.Context, env func(string) string) (version string, missing []string, err error) {
	t, err := findFFmpeg(ctx, env)
	if err != nil {
		return "", nil, err
	}
	out, err := exec.CommandContext(ctx, t.ffmpeg, "-hide_banner", "-encoders").Output()
	if err != nil {
		return "", nil, fault.New(fault.Usage, "%s -encoders does not work (%w): %s", t.ffmpeg, err, installCommand())
	}
	for _, name := range []string{"libx264", "libx265", "mpeg2video", "aac", "ac3", "mp2"} {
		if !regexp.MustCompile(`(?m)^ \S+ ` + name + ` `).Match(out) {
			missing = append(missing, name)
		}
	}
	version, _, _ = strings.Cut(t.version, " Copyright")
	return version + " at " + t.ffmpeg, missing, nil
}

// findFFprobe returns the ffprobe in the directory of ffmpeg, or that in PATH.
func findFFprobe(ffmpeg string) (string, error) {
	beside := filepath.Join(filepath.Dir(ffmpeg), "ffprobe")
	if runtime.GOOS == "windows" {
		beside += ".exe"
	}
	if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
		return beside, nil
	}
	return exec.LookPath("ffprobe")
}

// checkVersion checks the first line of -version. A version without a number is
// a build from a repository and counts as new.
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
		return fault.New(fault.Usage, "%s is version %d.%d, and --encode needs %d.%d: %s", path, major, minor, oldestMajor, oldestMinor, installCommand())
	}
	return nil
}

// hasFilter reports whether this ffmpeg was built with a filter.
func (t ffmpeg) hasFilter(ctx context.Context, name string) bool {
	out, err := exec.CommandContext(ctx, t.ffmpeg, "-hide_banner", "-v", "quiet", "-h", "filter="+name).Output()
	return err == nil && strings.HasPrefix(string(out), "Filter "+name)
}

// installCommand returns the command that installs ffmpeg on this system.
func installCommand() string {
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
