package server

import (
	"path/filepath"
	"strings"
	"testing"

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
