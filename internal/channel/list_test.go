package channel

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestReadList(t *testing.T) {
	const text = `listen: 127.0.0.1:9000
allow-files: [/media, /more]
channels:
  - source: a.mp4
    to: rtp://127.0.0.1:20000
  - &b
    source: b.mp4
    name: News
    to: [udp://127.0.0.1:20002, rtp://127.0.0.1:20004]
    encode:
      preset: hevc
`
	var said []string
	list, err := ReadList(strings.NewReader(text), func(key string, values []string) error {
		said = append(said, fmt.Sprintf("%s=%v", key, values))
		return nil
	})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if got := strings.Join(said, " "); got != "listen=[127.0.0.1:9000] allow-files=[/media /more]" {
		t.Error(got)
	}
	if a, b := list[0], list[1]; a.Name != "a" || a.Line != 4 || b.Name != "News" || len(b.To) != 2 || b.Encode == nil {
		t.Errorf("%+v", list)
	}
	for _, text := range []string{"", "channels:\n", "channels: []\n"} {
		if list, err := ReadList(strings.NewReader(text), nil); err != nil || list != nil {
			t.Errorf("%q: %v, %v", text, list, err)
		}
	}
}

func TestBadListsAreRefusedWithTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"- a":                                    "line 1: a server's configuration is written as lines of key: value",
		"channels: x":                            "line 1: channels: a list is wanted here",
		"channels:\n- x":                         "line 2: a channel is written as lines of key: value",
		"channels:\n- source: a.mp4\n  speed: 2": `line 3: "speed" is not known`,
		"channels:\n- source: a.mp4\n- source: b/a.mp4":     `line 3: "a" is the name of the channel of line 2 already`,
		"channels:\n- to: rtp://x\n":                        "line 2: to:",
		"channels: []\nchannels: []":                        "line 2: channels is given twice",
		"\nspeed: 2":                                        "line 2: speed: it is not known",
		"listen:":                                           "line 1: listen: the value is missing",
		"channels:\n- muxrate: 6M\n  encode: avc,speed=1\n": "line 3: encode:",
		"a: b: c": "not YAML: mapping values",
	} {
		_, err := ReadList(strings.NewReader(text), func(string, []string) error { return fault.New(fault.Usage, "it is not known") })
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
