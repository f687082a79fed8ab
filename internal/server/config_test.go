package server

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ key, value, want string }{
		{"listen", "localhost:80", ""},
		{"listen", ":0", ""},
		{"listen", "[::1]:1", ""},
		{"listen", "0.0.0.0:65535", ""},
		{"listen", "8080", "is not an address to listen on"},
		{"listen", "127.0.0.1:x", "is not an address"},
		{"listen", "127.0.0.1:70000", "is not an address"},
		{"listen", "lilo.example:80", "is not an IP address"},
		{"listen", "", "is not an address to listen on"},
		{"keys", "", "the value is missing"},
		{"allow-files", dir, ""},
		{"allow-files", dir + "/none", "is not a folder that exists"},
		{"allow-host", "*.example.com", ""},
		{"allow-host", "https://example.com", "is not a host"},
		{"server-name", "lilo.example", ""},
		{"server-name", "lilo.example:80", "is not a host"},
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
		{"speed", "2", "is not known"},
	} {
		o := DefaultOptions()
		f, err := setting.Find(Settings(), c.key)
		if err == nil {
			err = f.Set(&o, c.value)
		}
		if c.want == "" && err == nil {
			continue
		}
		if fault.KindOf(err) != fault.Usage || c.want == "" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s %q: %v, want %q", c.key, c.value, err, c.want)
		}
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
	defaults := DefaultOptions()
	defaults.State = "state"
	good, err := ReadConfig(write(t, dir, "good.yaml", "listen: 127.0.0.1:9\nstrict: true\nallow-host: [a, b]\nchannels:\n- source: a.mp4\n"), defaults)
	if err != nil {
		t.Fatal(err)
	}
	if o := good.Options; o.Listen != "127.0.0.1:9" || !o.Strict || len(o.AllowHosts) != 2 || o.State != "state" || o.MaxChannels != DefaultMaxChannels {
		t.Errorf("%+v", o)
	}
	other, err := ReadConfig(write(t, dir, "other.yaml", "listen: 127.0.0.1:9\nallow-host: [a]\nmax-channels: 4\n"), defaults)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(other.changed(good), " "); got != "max-channels strict allow-host" {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"speed: 2":                               `bad.yaml: line 1: "speed" is not known (listen,`,
		"\nlisten: here":                         "line 2: listen:",
		"config: x":                              `line 1: "config" is not known`,
		"listen:":                                "line 1: listen: the value is missing",
		"- x":                                    "line 1: expected lines of key: value",
		"a: b: c":                                "not YAML: mapping values",
		"channels: x":                            "line 1: channels: expected a list",
		"channels:\n- x":                         "line 2: channels: expected lines of key: value",
		"channels: []\nchannels: []":             "line 2: channels is given twice",
		"channels:\n- source: a.mp4\n  for: 1h":  "line 2: channels: for: a server's channel plays until it is stopped",
		"channels:\n- source: a.mp4\n  to: x":    "line 3: channels: to:",
		"channels:\n- source: a.mp4\n  speed: 2": `line 3: channels: "speed" is not known`,
		"channels:\n- source: a.mp4\n- source: b/a.mp4":     `line 3: channels: "a" is the name of the channel of line 2 already`,
		"channels:\n- muxrate: 6M\n  encode: avc,speed=1\n": "line 3: channels: encode:",
	} {
		_, err := ReadConfig(write(t, dir, "bad.yaml", text), defaults)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := ReadConfig(filepath.Join(dir, "none.yaml"), defaults); fault.KindOf(err) != fault.Usage || !strings.HasSuffix(err.Error(), "none.yaml: no such file or directory") {
		t.Error(err)
	}
}

func TestDeclaredChannels(t *testing.T) {
	const text = `listen: 127.0.0.1:9000
channels:
  - source: a.mp4
    to: rtp://127.0.0.1:20000
  - &b
    source: b.mp4
    name: News
    to: [udp://127.0.0.1:20002, rtp://127.0.0.1:20004]
    encode:
      preset: avc
`
	dir := t.TempDir()
	c, err := ReadConfig(write(t, dir, "serve.yaml", text), DefaultOptions())
	if err != nil || len(c.Channels) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if a, b := c.Channels[0], c.Channels[1]; a.Name != "a" || a.Line != 3 || b.Name != "News" || len(b.To) != 2 || b.Encode == nil {
		t.Errorf("%+v", c.Channels)
	}
	for _, text := range []string{"", "channels:\n", "channels: []\n"} {
		if c, err := ReadConfig(write(t, dir, "none.yaml", text), DefaultOptions()); err != nil || c.Channels != nil {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
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
