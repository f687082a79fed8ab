package server

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ key, value, want string }{
		{"listen", "localhost:80", ""},
		{"listen", ":0", ""},
		{"listen", "[::1]:1", ""},
		{"listen", "0.0.0.0:65535", ""},
		{"listen", "8080", "is no address to listen on"},
		{"listen", "127.0.0.1:x", "is no address"},
		{"listen", "127.0.0.1:70000", "is no address"},
		{"listen", "lilo.example:80", "is not an IP address"},
		{"listen", "", "the value is missing"},
		{"allow-files", dir, ""},
		{"allow-files", dir + "/none", "is not a folder that is there"},
		{"allow-host", "*.example.com", ""},
		{"allow-host", "https://example.com", "is no host"},
		{"server-name", "lilo.example", ""},
		{"server-name", "lilo.example:80", "is no host"},
		{"max-channels", "40", ""},
		{"max-channels", "0", "is not a number from 1"},
		{"max-channels", "many", "is not a number from 1"},
		{"pacing", "10ms", ""},
		{"pacing", "0", "it is 1ms to 1s"},
		{"account", "123456789012", ""},
		{"account", "1", "has twelve digits"},
		{"strict", "yes", ""},
		{"strict", "maybe", "is neither true nor false"},
		{"webhook", "https://hooks.example/x", ""},
		{"webhook", "s3cr3t", "that is not a URL"},
		{"eventbridge-endpoint", "ftp://x", "that is not a URL"},
		{"speed", "2", "it is not known"},
	} {
		o := DefaultOptions()
		err := o.Set(c.key, c.value)
		if c.want == "" && err == nil {
			continue
		}
		if fault.KindOf(err) != fault.Usage || c.want == "" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s %q: %v, want %q", c.key, c.value, err, c.want)
		}
	}
	o := DefaultOptions()
	if err := o.Set("listen", ":1", ":2"); err == nil {
		t.Error("two values of one")
	}
}

func TestWhatDoesNotGoTogether(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   string // nothing for what goes
	}{
		"this machine":             {func(*Options) {}, ""},
		"all of 127":               {func(o *Options) { o.Listen = "127.1.2.3:1" }, ""},
		"IPv6's loopback":          {func(o *Options) { o.Listen = "[::1]:1" }, ""},
		"mapped":                   {func(o *Options) { o.Listen = "[::ffff:127.0.0.1]:1" }, ""},
		"all addresses":            {func(o *Options) { o.Listen = ":8080" }, "can be reached from other machines"},
		"all of IPv4":              {func(o *Options) { o.Listen = "0.0.0.0:8080" }, "can be reached from other machines"},
		"all of IPv6":              {func(o *Options) { o.Listen = "[::]:8080" }, "can be reached from other machines"},
		"another address":          {func(o *Options) { o.Listen = "192.0.2.1:80" }, "can be reached from other machines"},
		"all addresses, with keys": {func(o *Options) { o.Listen, o.Keys = ":8080", "keys" }, ""},
		"all, with logins":         {func(o *Options) { o.Listen, o.Logins = ":8080", "logins" }, ""},
		"no state":                 {func(o *Options) { o.State = "" }, "--state"},
		"half a certificate":       {func(o *Options) { o.TLSKey = "k" }, "go together"},
		"two certificates":         {func(o *Options) { o.TLSKey, o.TLSCert, o.TLSSelf = "k", "c", true }, "give one of them"},
	} {
		o := DefaultOptions()
		o.State = "state"
		c.change(&o)
		err := o.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigurations(t *testing.T) {
	dir := t.TempDir()
	good, err := ReadConfig(write(t, dir, "good.yaml", "listen: 127.0.0.1:9\nstrict: true\nallow-host: [a, b]\nchannels:\n- source: a.mp4\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := DefaultOptions()
	if err := good.Apply(&o, func(key string) bool { return key == "listen" }); err != nil || o.Listen != "127.0.0.1:8080" || !o.Strict || len(o.AllowHosts) != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	other, err := ReadConfig(write(t, dir, "other.yaml", "listen: 127.0.0.1:9\nallow-host: [a]\nmax-channels: 4\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(other.changed(good), " "); got != "max-channels strict allow-host" {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"speed: 2":                              "bad.yaml: line 1: speed: it is not known (channels, listen,",
		"\nlisten: here":                        "line 2: listen:",
		"config: x":                             "line 1: config: it cannot stand in the configuration itself",
		"channels:\n- source: a.mp4\n  for: 1h": "line 2: for: a server's channel plays until it is stopped",
		"channels:\n- source: a.mp4\n  to: x":   "line 3: to:",
		"- x":                                   "line 1: a server's configuration is written as lines",
	} {
		_, err := ReadConfig(write(t, dir, "bad.yaml", text))
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := ReadConfig(filepath.Join(dir, "none.yaml")); fault.KindOf(err) != fault.Usage || !strings.HasSuffix(err.Error(), "none.yaml: no such file or directory") {
		t.Error(err)
	}
}

func TestStateDir(t *testing.T) {
	for _, c := range []struct{ variable, value, want string }{
		{"STATE_DIRECTORY", "/var/lib/lilo:/var/lib/other", "/var/lib/lilo"},
		{"XDG_STATE_HOME", "/x", "/x/lilo"},
	} {
		got := StateDir(func(name string) string {
			if name == c.variable {
				return c.value
			}
			return ""
		})
		if got != filepath.FromSlash(c.want) {
			t.Errorf("%s: %s", c.variable, got)
		}
	}
	if got := StateDir(func(string) string { return "" }); filepath.Base(got) != "lilo" {
		t.Error(got)
	}
}

func TestACertificateOfOurOwn(t *testing.T) {
	now := time.Now()
	o := DefaultOptions()
	o.State, o.TLSSelf, o.Names = filepath.Join(t.TempDir(), "state"), true, []string{"lilo.example", "192.0.2.7"}
	first, err := o.certificate(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "lilo.example", "192.0.2.7"} {
		if err := first.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	cert, key := o.ownFiles()
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode: %v, %v", info.Mode(), err)
	}
	if text, _ := os.ReadFile(cert); strings.Contains(string(text), "PRIVATE") {
		t.Error("the key is in the certificate's file")
	}
	mark := fingerprint(first)
	if len(mark) != 95 || strings.Count(mark, ":") != 31 {
		t.Error(mark)
	}
	cases := []struct {
		name   string
		change func(*Options)
		at     time.Time
		same   bool
	}{
		{"again", func(*Options) {}, now, true},
		{"a year later", func(*Options) {}, now.Add(selfLife - selfRenew + time.Hour), false},
		{"after that", func(*Options) {}, now, false}, // It has been made anew, for then.
		{"of another name", func(o *Options) { o.Names = []string{"other.example"} }, now, false},
		{"damaged", func(o *Options) { _ = os.WriteFile(key, []byte("x"), 0o600) }, now, false},
	}
	for _, c := range cases {
		c.change(&o)
		got, err := o.certificate(c.at)
		if err != nil || (fingerprint(got) == mark) != c.same {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		mark = fingerprint(got)
	}
	o = Options{TLSCert: cert, TLSKey: filepath.Join(o.State, "none.pem")}
	if _, err := o.certificate(now); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "none.pem: no such file") {
		t.Error(err)
	}
	o.TLSKey = write(t, t.TempDir(), "key.pem", "x")
	if _, err := o.certificate(now); fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

func TestSystemdIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skip(err)
	}
	defer conn.Close()
	env := map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000"}
	n := newNotifier(func(name string) string { return env[name] })
	read := func() string {
		b := make([]byte, 100)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		k, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:k])
	}
	n.ready(t.Context())
	n.reloading(t.Context(), 5_000_000)
	n.stopping(t.Context())
	for _, want := range []string{"READY=1", "RELOADING=1\nMONOTONIC_USEC=5000", "STOPPING=1"} {
		if got := read(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	go n.watch(t.Context(), func() bool { return true })
	if got := read(); got != "WATCHDOG=1" {
		t.Errorf("%q", got)
	}
	none := newNotifier(func(string) string { return "" })
	none.ready(t.Context())
	none.watch(t.Context(), nil) // It returns at once.
}
