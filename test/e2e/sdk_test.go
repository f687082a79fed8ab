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
	for name, command := range map[string]func(t *testing.T) []string{
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
			lives(t, strings.HasPrefix(name, "AWS CLI"), running(t, command(t)))
		})
	}
	t.Run("aws-sdk-go", func(t *testing.T) {
		t.Parallel()
		lives(t, false, func(_ []string, args ...string) string {
			return (&goLife{t: t, c: mediaLive(args[0])}).live(args[1], args[2], args[3])
		})
	})
	t.Run("Ansible", func(t *testing.T) {
		t.Parallel()
		tells(t, read(t, "clients/ansible.txt"), running(t, []string{filepath.Join(python, "python"), "clients/python/ansible.py"}))
	})
}

// client runs with the environment and the arguments that all of them take: the endpoint,
// a source, a destination and a time to come. It returns what it prints.
type client func(env []string, args ...string) string

// running returns a client that is a program.
func running(t *testing.T, command []string) client {
	return func(env []string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], args...)...)
		var out, errs bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &errs
		if err := cmd.Run(); err != nil {
			t.Errorf("%v: %s", err, &errs)
		}
		return out.String()
	}
}

// lives has a client take a channel through its life. A command line prints of an error only
// the message.
func lives(t *testing.T, messages bool, c client) {
	t.Helper()
	want := read(t, "clients/life.txt")
	if messages {
		want = regexp.MustCompile(`(?m)^  .*\n`).ReplaceAllString(want, "")
	}
	if tells(t, want, c).datagram(t, time.Second) == nil {
		t.Error("the channel sent nothing")
	}
}

// tells runs a client against a server of its own, compares what it prints, without ids, and
// returns the destination.
func tells(t *testing.T, want string, c client) *receiver {
	t.Helper()
	clip, err := filepath.Abs("../../internal/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	s, r := serve(t, t.TempDir(), "--allow-files", filepath.Dir(clip)), listen(t)
	later := time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	got := c(newAWSCLI(t, s.url).env, s.url, "file://"+clip, r.url("rtp"), later)
	if got = regexp.MustCompile(`\b[0-9]{7}\b`).ReplaceAllString(got, "ID"); got != want {
		t.Errorf("it prints\n%s\nwant\n%s", got, want)
	}
	return r
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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
	dir, err := tools.Install(t.Context(), "lilo-e2e", []byte(read(t, file)), steps)
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
