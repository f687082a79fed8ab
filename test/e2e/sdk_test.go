//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/test/tools"
)

// TestSDKs has MediaLive's SDKs and command lines, unmodified, take a channel through its
// whole life. The programs in clients print what they are answered: all of them the same.
func TestSDKs(t *testing.T) {
	long(t)
	path := os.Getenv("PATH")
	python := filepath.Join(installed(t, "clients/python/requirements.txt", func(dir string) [][]string {
		return [][]string{
			{"python3", "-m", "venv", "--clear", dir},
			{filepath.Join(dir, "bin", "pip"), "install", "--quiet", "-r", "clients/python/requirements.txt"},
		}
	}), "bin")
	for name, client := range map[string]func(t *testing.T) []string{
		"boto3": func(*testing.T) []string {
			return []string{filepath.Join(python, "python"), "clients/python/life.py"}
		},
		"AWS CLI 1": func(*testing.T) []string {
			return []string{"env", "PATH=" + python + ":" + path, "sh", "clients/cli/life.sh"}
		},
		"AWS CLI 2": func(t *testing.T) []string {
			return []string{"env", "PATH=" + secondCLI(t) + ":" + path, "sh", "clients/cli/life.sh"}
		},
		"aws-sdk-js": func(t *testing.T) []string {
			dir := installed(t, "clients/js/package-lock.json", func(dir string) [][]string {
				return [][]string{
					{"cp", "clients/js/package.json", "clients/js/package-lock.json", dir},
					{"npm", "ci", "--silent", "--no-fund", "--no-audit", "--prefix", dir},
				}
			})
			tool(t, "cp", "clients/js/life.js", dir) // Node.js looks for packages beside it.
			return []string{"node", filepath.Join(dir, "life.js")}
		},
		"aws-sdk-rust": func(t *testing.T) []string {
			return []string{"cargo", "run", "--quiet", "--locked", "--manifest-path", "clients/rust/Cargo.toml", "--target-dir", cached(t, "rust"), "--"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := client(t)
			lives(t, strings.HasPrefix(name, "AWS CLI"), func(env []string, args ...string) string {
				cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], args...)...)
				var out, errs bytes.Buffer
				cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &errs
				if err := cmd.Run(); err != nil {
					t.Errorf("%v: %s", err, &errs)
				}
				return out.String()
			})
		})
	}
	t.Run("aws-sdk-go", func(t *testing.T) {
		t.Parallel()
		lives(t, false, func(_ []string, args ...string) string {
			return (&goLife{t: t, c: mediaLive(args[0])}).live(args[1], args[2], args[3])
		})
	})
}

// lives starts a server, runs a client with its arguments (the endpoint, a source, a
// destination and a time to come) and compares what it prints. A command line prints of an
// error only the message. The destination must have received something.
func lives(t *testing.T, messages bool, client func(env []string, args ...string) string) {
	t.Helper()
	want, err := os.ReadFile("clients/life.txt")
	if err != nil {
		t.Fatal(err)
	}
	if messages {
		want = regexp.MustCompile(`(?m)^  .*\n`).ReplaceAll(want, nil)
	}
	clip, err := filepath.Abs("../../internal/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	s, r := serve(t, t.TempDir(), "--allow-files", filepath.Dir(clip)), listen(t)
	later := time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	got := client(newAWSCLI(t, s.url).env, s.url, "file://"+clip, r.url("rtp"), later)
	got = regexp.MustCompile(`\b[0-9]{7}\b`).ReplaceAllString(got, "ID")
	if got != string(want) {
		t.Errorf("it prints\n%s\nwant\n%s", got, want)
	}
	if r.datagram(t, time.Second) == nil {
		t.Error("the channel sent nothing")
	}
}

// cached returns a folder of the user's cache for what the clients need.
func cached(t *testing.T, name string) string {
	t.Helper()
	caches, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(caches, "lilo-e2e", name)
}

// installed returns a folder in which the steps install what a file pins.
func installed(t *testing.T, file string, steps func(dir string) [][]string) string {
	t.Helper()
	versions, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := tools.Install("lilo-e2e", versions, steps)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// secondCLI returns the folder of the AWS command line of version 2.
func secondCLI(t *testing.T) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "aws"), "--version").Output()
		if err == nil && bytes.HasPrefix(out, []byte("aws-cli/2")) {
			return dir
		}
	}
	t.Fatal("version 2 of the AWS command line is missing: scripts/e2e-tools.sh installs it")
	return ""
}
