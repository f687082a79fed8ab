//go:build e2e

// Package deployment deploys channels without an AWS account. The program and the
// functions are real; an emulator (deploy/aws/emulator) stands for CloudFormation and
// the services around it, and lilo serve for MediaLive. The program runs as it is
// installed: alone in a folder, without Go, Node.js or any other program on its PATH.
//
// The tests run in a network namespace of their own, with an address that the
// checks of destinations accept as public.
package deployment

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/test/tools"
)

// address is that of the namespace, from a range for documentation (RFC 5737).
const address = "198.51.100.10"

// cdk is the package of the CDK's command line, in the version of the bootstrap.
const cdk = "aws-cdk@2.1148.1"

// inside is the variable that marks the process in the namespace; it holds the
// folder of the tools.
const inside = "LILO_TEST_TOOLS"

// TestMain installs the tools and then runs itself again in a network namespace
// without access to anything else.
func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		os.Exit(m.Run())
	}
	code, err := runInNamespace()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the deployment tests:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// runInNamespace runs this program in the namespace and returns its exit code.
func runInNamespace() (int, error) {
	tools, err := prepare()
	if err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	script := fmt.Sprintf(`ip link set lo up && ip addr add %s/32 dev lo && exec "$0" "$@"`, address)
	cmd := exec.Command("sh", append([]string{"-c", script, self}, os.Args[1:]...)...)
	cmd.Env = append(os.Environ(), inside+"="+tools)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	err = cmd.Run()
	if cmd.ProcessState == nil {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}

// prepare installs the emulator and the CDK's command line, once for each version,
// builds the program, and returns their folder.
func prepare() (string, error) {
	emulator, err := filepath.Abs("../../deploy/aws/emulator/requirements.txt")
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(emulator)
	if err != nil {
		return "", err
	}
	dir, err := tools.Install(context.Background(), "lilo-deployment-test", append(text, cdk...), func(dir string) [][]string {
		return [][]string{
			{"python3", "-m", "venv", filepath.Join(dir, "python")},
			{filepath.Join(dir, "python", "bin", "pip"), "install", "--quiet", "-r", emulator},
			{"npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", filepath.Join(dir, "node"), cdk},
		}
	})
	if err != nil {
		return "", err
	}
	build := exec.Command("make", "-C", "../..", "--no-print-directory", "build", "BIN="+filepath.Join(dir, "lilo"))
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", build, err, bytes.TrimSpace(out))
	}
	return dir, nil
}

// site is an empty AWS region on this machine.
type site struct {
	dir       string
	lilo      string   // path of the program, alone in its folder
	emulator  string   // endpoint of all services but MediaLive
	medialive string   // endpoint of lilo serve
	env       []string // of the program
	tools     []string // what env lacks for other programs
}

// newSite starts the emulator, and lilo serve with flags; both end with the test.
func newSite(t *testing.T, flags ...string) *site {
	t.Helper()
	tools := os.Getenv(inside)
	s := &site{
		dir: t.TempDir(), lilo: install(t, filepath.Join(tools, "lilo")),
		emulator: "http://" + freeAddress(t), medialive: "http://" + freeAddress(t),
	}
	s.env = append(os.Environ(),
		"HOME="+s.dir, "XDG_STATE_HOME="+s.dir, "XDG_CACHE_HOME="+filepath.Join(s.dir, "cache"), "PATH="+filepath.Dir(s.lilo),
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL="+s.emulator, "AWS_ENDPOINT_URL_S3="+s.emulator, "AWS_ENDPOINT_URL_MEDIALIVE="+s.medialive, "NO_COLOR=1",
	)
	s.tools = []string{"PATH=" + filepath.Join(tools, "node", "node_modules", ".bin") + ":" + os.Getenv("PATH"), "CDK_DISABLE_CLI_TELEMETRY=true"}
	s.serve(t, flags)
	s.emulate(t, tools)
	return s
}

// install copies the program into a folder of its own.
func install(t *testing.T, program string) string {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lilo")
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *site) serve(t *testing.T, flags []string) {
	args := []string{
		"serve", "--listen", strings.TrimPrefix(s.medialive, "http://"), "--state", filepath.Join(s.dir, "state"),
		"--eventbridge-endpoint", s.emulator, "--account", "123456789012", "--region", "eu-west-1",
	}
	s.background(t, "serve", exec.Command(s.lilo, append(args, flags...)...))
	await(t, s.medialive+"/readyz")
}

func (s *site) emulate(t *testing.T, tools string) {
	cmd := exec.Command(filepath.Join(tools, "python", "bin", "python"), "-m", "emulator")
	cmd.Dir = filepath.Join("..", "..", "deploy", "aws")
	port := s.emulator[strings.LastIndex(s.emulator, ":")+1:]
	cmd.Env = slices.Concat(s.env, s.tools, []string{"LILO_ENDPOINT=" + s.medialive, "EMULATOR_PORT=" + port, "PYTHONDONTWRITEBYTECODE=1"})
	// The emulator ends when this pipe is closed, however the test ends.
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	s.background(t, "emulator", cmd)
	await(t, s.emulator+"/emulator")
}

// background starts a command that ends with the test, and logs its output if the
// test fails.
func (s *site) background(t *testing.T, name string, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	if cmd.Env == nil {
		cmd.Env = slices.Concat(s.env, s.tools)
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // It may have ended already.
		_ = cmd.Wait()
		log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s wrote:\n%s", name, tail(text, 6000))
		}
	})
}

// run runs the program and returns its output and exit code.
func (s *site) run(t *testing.T, within time.Duration, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := s.command(ctx, args...)
	b, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("lilo %s is still running after %s; its output:\n%s", strings.Join(args, " "), within, b)
	}
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	t.Logf("$ lilo %s\n%s", strings.Join(args, " "), b)
	return string(b), cmd.ProcessState.ExitCode()
}

// command returns a command of the program with the site's environment.
func (s *site) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.lilo, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// must is like run but fails the test unless the exit code is 0.
func (s *site) must(t *testing.T, within time.Duration, args ...string) string {
	t.Helper()
	out, code := s.run(t, within, args...)
	if code != 0 {
		t.Fatalf("lilo %s ended with %d", strings.Join(args, " "), code)
	}
	return out
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await waits up to two minutes until a URL answers with status 200. The emulator takes
// half a minute to load on a busy machine.
func await(t *testing.T, url string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		if r, err := http.Get(url); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s does not answer", url)
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		b = b[len(b)-n:]
	}
	return b
}
