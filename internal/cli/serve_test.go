package cli

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/auth"
)

func TestServeUsageErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "bad.yaml", "listen: :80\nspeed: 2\n")
	writeFile(t, "late.yaml", "max-channels: 0\n")
	for args, want := range map[string]string{
		"serve x":                             `lilo serve takes no argument ("x" is one)`,
		"serve --lisen x":                     "there is no flag --lisen: did you mean --listen? (lilo serve --help)",
		"serve --listen x":                    `--listen: "x" is not an address to listen on: write 127.0.0.1:8080, [::1]:8080 or :8080`,
		"serve --strict=perhaps":              `--strict: "perhaps" is neither true nor false`,
		"serve --config bad.yaml":             `--config bad.yaml: line 2: "speed" is not known (listen, state,`,
		"serve --config late.yaml":            `--config late.yaml: line 1: max-channels: "0" is not a number from 1 to 100000`,
		"serve --config none.yaml":            "--config none.yaml: no such file or directory",
		"serve --listen :0 --state s":         ":0 can be reached from other machines: give --keys",
		"serve --keys none --state s":         "none: no such file or directory",
		"serve --tls-cert x --state s":        "--tls-cert and --tls-key go together",
		"serve add-key":                       "--keys FILE is missing",
		"serve add-key --keys k a=b":          `"a=b" cannot be the name of a section`,
		"serve keys":                          "say what to do: lilo serve keys list or revoke",
		"serve keys list":                     "--keys FILE is missing: give the file that holds the key pairs",
		"serve keys revok":                    `there is no command "revok": did you mean "revoke"?`,
		"serve logins list --logins none":     "none: no such file or directory",
		"serve add-login":                     "--logins FILE is missing",
		"serve add-login --logins l":          "a login has 1 to 64 letters",
		"serve add-login --logins l an:na":    "a login has 1 to 64 letters",
		"serve add-login --logins l anna bob": `lilo serve add-login takes one NAME, not 2 ("bob" is the second)`,
	} {
		r := lilo(t, newFake(), strings.Fields(args)...)
		if got := oneLineOf(t, r); r.code != int(fault.Usage) || !strings.HasPrefix(got, want) || r.out != "" {
			t.Errorf("%s: code %d\ngot  %s\nwant %s", args, r.code, got, want)
		}
	}
}

func TestKeysAndLoginsAreMade(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"", "ci"} {
		r := lilo(t, newFake(), strings.Fields("serve add-key --keys keys "+name)...)
		pair := regexp.MustCompile(`^export AWS_ACCESS_KEY_ID=(\S+)\nexport AWS_SECRET_ACCESS_KEY=(\S+)\n$`).FindStringSubmatch(r.out)
		keys, err := auth.ReadKeys("keys")
		if pair == nil || err != nil || keys[pair[1]] != pair[2] {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	login := func(password string) result {
		var out, errs strings.Builder
		p := New(&out, &errs, func(string) string { return "" })
		p.prompt = prompt{in: strings.NewReader(password)}
		return result{p.Run(t.Context(), []string{"serve", "add-login", "--logins", "logins", "anna"}), out.String(), errs.String()}
	}
	if r := login("short\n"); r.code != 2 || !strings.Contains(r.err, "a password has 10 to 1024 characters, not 5") {
		t.Errorf("%+v", r)
	}
	if r := login("correct horse battery\r\n"); r.code != 0 || r.out != "anna may log in with logins\n" {
		t.Errorf("%+v", r)
	}
	if l, err := auth.ReadLogins("logins"); err != nil || !l.Check("anna", "correct horse battery") {
		t.Error(err)
	}
	if r := login("correct horse battery\n"); r.code != 2 || !strings.Contains(r.err, "anna already has a login in logins") {
		t.Errorf("%+v", r)
	}
}

// TestCredentialsAreListedAndRevoked makes one key pair twice: the file has it once, and
// AWS's own reader still reads the file.
func TestCredentialsAreListedAndRevoked(t *testing.T) {
	t.Chdir(t.TempDir())
	made := ""
	for _, name := range []string{"ci", "lab", "ci"} {
		r := lilo(t, newFake(), "serve", "add-key", "--keys", "keys", name)
		if r.code != 0 {
			t.Fatalf("%+v", r)
		}
		made = regexp.MustCompile(`AWS_ACCESS_KEY_ID=(\S+)`).FindStringSubmatch(r.out)[1]
	}
	read, err := config.LoadSharedConfigProfile(t.Context(), "ci", func(o *config.LoadSharedConfigOptions) {
		o.CredentialsFiles, o.ConfigFiles = []string{"keys"}, nil
	})
	if text := string(must(os.ReadFile("keys"))); err != nil || read.Credentials.AccessKeyID != made || strings.Count(text, "[ci]") != 1 {
		t.Errorf("%v, %s in\n%s", err, read.Credentials.AccessKeyID, text)
	}
	run := func(args string) result { return lilo(t, newFake(), strings.Fields("serve "+args)...) }
	if r := run("keys list --keys keys"); !regexp.MustCompile(`^lab LILO\w{16}\nci ` + made + `\n$`).MatchString(r.out) {
		t.Errorf("%+v", r)
	}
	if r := run("keys revoke --keys keys lbb"); oneLineOf(t, r) != `there is no key pair "lbb" in keys: did you mean "lab"?` {
		t.Errorf("%+v", r)
	}
	if r := run("keys revoke --keys keys"); oneLineOf(t, r) != `there is no key pair "" in keys (it has lab, ci)` {
		t.Errorf("%+v", r)
	}
	if r := run("keys revoke --keys keys lab"); r.code != 0 || r.out != "lab is revoked in keys: a server that runs notices on SIGHUP\n" {
		t.Errorf("%+v", r)
	}
	if keys, err := auth.ReadKeys("keys"); err != nil || len(keys) != 1 || keys[made] == "" {
		t.Errorf("%v, %v", keys, err)
	}
	writeFile(t, "logins", "anna:hash\nbob:hash\n")
	if err := os.Chmod("logins", 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run("logins revoke --logins logins anna"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if r := run("logins list --logins logins"); r.out != "bob\n" {
		t.Errorf("%+v", r)
	}
}

// board is an output that is read while it is written.
type board struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *board) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *board) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestServeSaysWhereItIsAndEndsInOrder(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, errs board
	p := New(&out, &errs, func(string) string { return "" })
	code := make(chan int, 1)
	go func() {
		code <- p.Run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--state", state, "--events-log"})
	}()
	url := ""
	for deadline := time.Now().Add(20 * time.Second); url == "" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if m := regexp.MustCompile(`for AWS's tools: export AWS_ENDPOINT_URL_MEDIALIVE=(\S+)\n(?s:.*)nobody else\n`).FindStringSubmatch(out.String()); m != nil {
			url = m[1]
		}
	}
	r, err := http.Get(url + "/healthz")
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &errs)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Error(r.Status)
	}
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("exit code %d: %s", got, &errs)
	}
	if _, err := os.Stat(filepath.Join(state, "lilo.db")); err != nil {
		t.Error(err)
	}
}
