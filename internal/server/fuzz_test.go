package server

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// FuzzConfig reads any configuration of a server. What is accepted can be declared, and
// an error is one line.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"listen: 127.0.0.1:8080\nmax-channels: 5\n", "channels:\n- name: one\n  to: [rtp://127.0.0.1:5000]\n- name: two\n",
		"channels: [{name: a, muxrate: 5M, encode: avc}, {name: a}]", "allow-files: [/, .]\nallow-host: ['*.example.com']\ntls-self: true",
		"a: &a [*a]", "channels: &c [*c]\n", "listen: !!binary aGVsbG8=\n", "? [x]\n: y\n", "account: 000000000000\nwebhook: https://x\n", "\xff\xfe", "- a\n- b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &Config{Options: DefaultOptions(), defaults: DefaultOptions()}
		if err := setting.ReadYAML(strings.NewReader(text), YAML(), c); err != nil {
			if fault.KindOf(err) != fault.Usage || strings.ContainsAny(err.Error(), "\r\n\x1b\x00") {
				t.Errorf("%q: %q", text, err)
			}
			return
		}
		for _, one := range c.Channels {
			if _, err := documentOf(one.Spec, "clip.mp4"); err != nil || one.Line < 1 {
				t.Errorf("%q: the channel of line %d: %v", text, one.Line, err)
			}
		}
	})
}
