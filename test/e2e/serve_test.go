//go:build e2e

package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// output collects what a process writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// serverProcess is a running `lilo serve`.
type serverProcess struct {
	cmd      *exec.Cmd
	ended    chan struct{}
	out, log output
	url      string
}

// serve starts a server with a state directory and waits until it prints its URL.
func serve(t *testing.T, state string, args ...string) *serverProcess {
	t.Helper()
	return serveIn(t, nil, append([]string{"--state", state}, args...)...)
}

func serveIn(t *testing.T, env []string, args ...string) *serverProcess {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(args, " "), "--listen") {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	s := &serverProcess{cmd: exec.CommandContext(t.Context(), file, append([]string{"serve"}, args...)...), ended: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Env = &s.out, &s.log, append(os.Environ(), env...)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.ended) }() // Errors are in the exit code.
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // It may have ended.
		<-s.ended
	})
	s.url = s.waitFor(t, `serving at (https?://[^ ]+)/, state in `)
	return s
}

// waitFor waits for output that matches the pattern, and returns its last group.
func (s *serverProcess) waitFor(t *testing.T, pattern string) string {
	t.Helper()
	find := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := find.FindStringSubmatch(s.out.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-s.ended:
			t.Fatalf("it ended without printing %s:\n%s%s", pattern, &s.out, &s.log)
		default:
		}
	}
	t.Fatalf("it does not print %s:\n%s%s", pattern, &s.out, &s.log)
	return ""
}

// end sends a signal and returns the exit code.
func (s *serverProcess) end(t *testing.T, sig syscall.Signal) int {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		t.Fatalf("it does not end:\n%s%s", &s.out, &s.log)
	}
	return s.cmd.ProcessState.ExitCode()
}

// get sends a request with headers and returns status and body.
func (s *serverProcess) get(t *testing.T, path string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// undisturbed repeats a measurement in which the server, on a machine that is too busy, skipped
// datagrams of any channel, as it counts them itself. The last one stands.
func (s *serverProcess) undisturbed(t *testing.T, measure func()) {
	t.Helper()
	for range 4 {
		before := s.skipped(t)
		measure()
		after := s.skipped(t)
		if after == before {
			return
		}
		t.Logf("datagrams were skipped meanwhile:\n%s", after)
	}
}

// skipped returns the metrics that count skipped datagrams.
func (s *serverProcess) skipped(t *testing.T) string {
	t.Helper()
	_, text := s.get(t, "/metrics")
	all := regexp.MustCompile(`(?m)^lilo_\w*skipped_datagrams_total.*$`).FindAllString(text, -1)
	if len(all) == 0 {
		t.Fatal("the server does not count skipped datagrams")
	}
	return strings.Join(all, "\n")
}

// waitReady waits until /readyz answers 200.
func (s *serverProcess) waitReady(t *testing.T) {
	t.Helper()
	body := ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var status int
		if status, body = s.get(t, "/readyz"); status == http.StatusOK {
			return
		}
	}
	t.Fatalf("it does not become ready: %s\n%s", body, &s.log)
}

// configFile writes a configuration whose channels play the bundled clip.
func configFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestServeOnLoopback(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	s := serve(t, state)
	for _, c := range []struct {
		path, header string
		status       int
		holds        string
	}{
		{"/healthz", "", 200, "ok\n"},
		{"/readyz", "", 200, `"ready":true`},
		{"/prod/channels", "", 200, `"channels":[]`},
		{"/", "", 200, "<!doctype html>"},
		{"/metrics", "", 200, "go_goroutines"},
		{"/prod/channels", "Host: evil.example", 403, "not known by the name"},
		{"/", "Host: evil.example", 403, "not known by the name"},
		{"/prod/channels", "Origin: https://evil.example", 403, "page of another server"},
		{"/prod/channels", "Sec-Fetch-Site: cross-site", 403, "page of another server"},
	} {
		var headers []string
		if c.header != "" {
			headers = append(headers, c.header)
		}
		status, body := s.get(t, c.path, headers...)
		if status != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s: %d %s", c.path, c.header, status, body)
		}
	}
	p := lilo(t, 2, "serve", "--state", state, "--listen", "127.0.0.1:0")
	if got := p.err.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "is in use by another lilo serve") {
		t.Errorf("a second server with the same state prints %q", got)
	}
	p = lilo(t, 6, "serve", "--state", t.TempDir(), "--listen", strings.TrimPrefix(s.url, "http://"))
	if got := p.err.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "address already in use") {
		t.Errorf("a second server at the same address prints %q", got)
	}
	for _, path := range []string{state, filepath.Join(state, "lilo.db")} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v, %v", path, info.Mode(), err)
		}
	}
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
}

func TestServeUsageErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"all addresses without credentials", "0.0.0.0:0 can be reached from other machines: give --keys", []string{"--listen", "0.0.0.0:0"}},
		{"all of IPv6's", "can be reached from other machines", []string{"--listen", "[::]:0"}},
		{"no address", "is not an address to listen on", []string{"--listen", "here"}},
		{"a folder that does not exist", "is not a folder that exists", []string{"--allow-files", filepath.Join(dir, "none")}},
		{"keys for all to read", "holds secrets: chmod 600", []string{"--keys", file("open", "[a]\n", 0o644)}},
		{"no keys", "it has no key pair", []string{"--keys", file("empty", "", 0o600)}},
		{"no certificate", "none.pem: no such file or directory", []string{"--tls-cert", filepath.Join(dir, "none.pem"), "--tls-key", "x"}},
		{"half a certificate", "go together", []string{"--tls-key", "x"}},
		{"a setting nobody knows", `line 2: "speed" is not known`, []string{"--config", file("speed.yaml", "\nspeed: 1\n", 0o600)}},
		{"a channel nobody can play", "line 3: channels: to:", []string{"--config", file("to.yaml", "channels:\n- source: a.mp4\n  to: here\n", 0o600)}},
		{"two of one name", "is the name of the channel of line 2 already", []string{"--config", file("two.yaml", "channels:\n- {name: a}\n- {name: a}\n", 0o600)}},
		{"no state", "cannot be made", []string{"--state", filepath.Join(file("file", "", 0o600), "state")}},
		{"an argument", "takes no argument", []string{"movie.mp4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"serve", "--listen", "127.0.0.1:0", "--state", filepath.Join(dir, "state")}, c.args...)
			p := lilo(t, 2, args...)
			if got := p.err.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "lilo: ") || !strings.Contains(got, c.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestServeWithCredentials listens on all addresses, with TLS and credentials.
func TestServeWithCredentials(t *testing.T) {
	dir := t.TempDir()
	keys, logins, state := filepath.Join(dir, "keys"), filepath.Join(dir, "logins"), filepath.Join(dir, "state")
	pair := regexp.MustCompile(`(\w+)=(\S+)\n.*=(\S+)`).FindStringSubmatch(lilo(t, 0, "serve", "add-key", "--keys", keys, "ci").out.String())
	addLogin(t, logins, "anna")
	s := serve(t, state, "--listen", "0.0.0.0:0", "--tls-self", "--keys", keys, "--logins", logins)
	bundle := s.waitFor(t, `AWS_CA_BUNDLE=(\S+)`)
	s.waitFor(t, `certificate: SHA-256 ([0-9A-F:]{95})`)

	aws := func(secret string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "aws", append([]string{"medialive", "list-channels", "--endpoint-url", s.url, "--region", "eu-west-1"}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+pair[2], "AWS_SECRET_ACCESS_KEY="+secret, "AWS_MAX_ATTEMPTS=1", "PYTHONWARNINGS=ignore")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if _, err := exec.LookPath("aws"); err != nil {
		t.Error("the AWS CLI is not installed: pip install awscli")
	} else {
		for _, args := range [][]string{{"--ca-bundle", bundle}, {"--no-verify-ssl"}} {
			if out, err := aws(pair[3], args...); err != nil || !strings.Contains(out, `"Channels": []`) {
				t.Errorf("%s: %v %s", args[0], err, out)
			}
		}
		if out, err := aws(pair[3]+"x", "--ca-bundle", bundle); err == nil || !strings.Contains(out, "InvalidSignatureException") {
			t.Errorf("a wrong secret: %v %s", err, out)
		}
	}
	c := newWebClient(t, bundle)
	if status, _ := c.do(t, "GET", s.url+"/console/channels", nil); status != http.StatusUnauthorized {
		t.Errorf("before logging in: %d", status)
	}
	if status, _ := c.do(t, "GET", s.url+"/prod/channels", nil); status != http.StatusForbidden {
		t.Errorf("the API without a signature: %d", status)
	}
	for user, want := range map[string]int{"anna": http.StatusOK, "mallory": http.StatusUnauthorized} {
		if status, body := c.do(t, "POST", s.url+"/login", url.Values{"user": {user}, "password": {password}}); status != want {
			t.Errorf("%s logs in: %d %s", user, status, body)
		}
	}
	if status, body := c.do(t, "GET", s.url+"/console/channels", nil); status != http.StatusOK {
		t.Errorf("after logging in: %d %s", status, body)
	}
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &s.log)
	}
	for _, secret := range []string{pair[3], password} {
		if strings.Contains(s.out.String()+s.log.String(), secret) {
			t.Error("a secret was written")
		}
	}
	again := serve(t, state, "--listen", "0.0.0.0:0", "--tls-self", "--keys", keys)
	if a, b := again.waitFor(t, `SHA-256 ([0-9A-F:]+)`), s.waitFor(t, `SHA-256 ([0-9A-F:]+)`); a != b {
		t.Errorf("the certificate was %s and is %s", b, a)
	}
	if status, _ := c.do(t, "GET", again.url+"/", nil); status != http.StatusForbidden {
		t.Errorf("the console without logins: %d", status)
	}
}

// password is that of all logins of tests.
const password = "correct horse battery"

func addLogin(t *testing.T, file, name string) {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bin, "serve", "add-login", "--logins", file, name)
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// webClient is a client with cookies that trusts the server's certificate.
type webClient struct{ http.Client }

func newWebClient(t *testing.T, bundle string) *webClient {
	t.Helper()
	text, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	jar, _ := cookiejar.New(nil) // It never fails without options.
	return &webClient{http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}}
}

func (c *webClient) do(t *testing.T, method, target string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// TestServeReload changes one channel of two. The other loses no datagram.
func TestServeReload(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "serve.yaml")
	steady, changed := listen(t), listen(t)
	config := func(more string) string {
		return fmt.Sprintf("channels:\n- {name: steady, to: %q}\n- {name: changed, to: %q%s}\n", steady.url("rtp"), changed.url("rtp"), more)
	}
	configFile(t, file, config(""))
	s := serve(t, filepath.Join(dir, "state"), "--config", file)
	s.waitReady(t)
	all := steady.receive(t, 5)
	hangup := func() {
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	configFile(t, file, config(", muxrate: 2M"))
	hangup()
	s.waitFor(t, `channel "changed" has changed: it was stopped and starts again\n(the configuration was read again)`)
	configFile(t, file, config(", speed: 2"))
	hangup()
	s.waitFor(t, `(nothing was changed: .*line 3: channels: "speed" is not known .*)`)
	if strings.Contains(s.out.String(), `channel "steady" has`) {
		t.Errorf("the steady channel was touched:\n%s", &s.out)
	}
	s.waitReady(t)
	all = append(all, steady.receive(t, 50)...)
	for i := 1; i < len(all); i++ {
		if got, want := sequence(all[i]), sequence(all[i-1])+1; got != want {
			t.Fatalf("datagram %d of the steady channel is number %d, not %d", i, got, want)
		}
	}
	configFile(t, file, "channels: []\n")
	hangup()
	s.waitFor(t, `channel "steady" is no longer declared: (it was stopped and deleted)`)
	s.waitFor(t, `channel "changed" is no longer declared: (it was stopped and deleted)`)
	if _, body := s.get(t, "/prod/channels"); !strings.Contains(body, `"channels":[]`) {
		t.Errorf("left: %s", body)
	}
}

// TestServeContinuesStream ends a server in different ways and starts it again.
// The receiver misses datagrams; nothing else changes.
func TestServeContinuesStream(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "ended": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := listen(t)
			file := filepath.Join(dir, "serve.yaml")
			configFile(t, file, fmt.Sprintf("channels:\n- {name: News, to: %q}\n", r.url("rtp")))
			s := serve(t, filepath.Join(dir, "state"), "--config", file)
			before := r.receive(t, 20)
			s.end(t, sig)
			last := before[len(before)-1]
			for d := r.datagram(t, 50*time.Millisecond); d != nil; d = r.datagram(t, 50*time.Millisecond) {
				last = d
			}
			serve(t, filepath.Join(dir, "state")) // Without the configuration: the state says it all.
			after := r.receive(t, 20)
			if ssrc(after[0]) != ssrc(last) {
				t.Error("it is another stream")
			}
			step := float64(timestamp(before[19])-timestamp(before[0])) / 19
			missing := sequence(after[0]) - sequence(last)
			if got, want := float64(timestamp(after[0])-timestamp(last)), float64(missing)*step; missing == 0 || got < want-20 || got > want+20 {
				t.Errorf("%d datagrams on, the timestamp has moved by %.0f, not by %.0f", missing, got, want)
			}
			if after[0][0] != 0x80 || bytes.Equal(after[0], last) {
				t.Errorf("it begins with % x", after[0][:12])
			}
		})
	}
}

func timestamp(rtp []byte) uint32 { return binary.BigEndian.Uint32(rtp[4:]) }
func ssrc(rtp []byte) uint32      { return binary.BigEndian.Uint32(rtp[8:]) }

// TestServeNotifiesSystemd plays the part of systemd.
func TestServeNotifiesSystemd(t *testing.T) {
	dir := t.TempDir()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var said output
	go func() {
		b := make([]byte, 200)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			fmt.Fprintf(&said, "%s\n", b[:n])
		}
	}()
	wait := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !strings.Contains(said.String(), want); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("systemd was not notified of %s, but of\n%s", want, &said)
			}
		}
	}
	s := serveIn(t, []string{"NOTIFY_SOCKET=" + filepath.Join(dir, "notify"), "WATCHDOG_USEC=50000", "STATE_DIRECTORY=" + filepath.Join(dir, "state")})
	wait("READY=1")
	wait("WATCHDOG=1")
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	wait("RELOADING=1\nMONOTONIC_USEC=")
	if code := s.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	wait("STOPPING=1")
	if _, err := os.Stat(filepath.Join(dir, "state", "lilo.db")); err != nil {
		t.Error(err)
	}
}
