package monitor

import (
	"strings"
	"testing"
)

func FuzzLocation(f *testing.F) {
	for _, text := range []string{
		"rtp://239.1.2.3:5000?iface=eth0", "udp://@:5000", "udp://[ff3e::1%25lo]:5000", "rtp://127.0.0.1:5004?sources=192.0.2.1", "stream.ts", "-", "rtp://:0", "udp://h:99999",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parseLocation(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		if l.path == "" && l.addr.Port() == 0 {
			t.Errorf("%q has neither path nor port", text)
		}
	})
}
