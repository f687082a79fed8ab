package channel

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// FuzzDestination reads any URL of a destination. What is accepted says itself back.
func FuzzDestination(f *testing.F) {
	for _, text := range []string{
		"rtp://127.0.0.1:5000", "udp://239.1.1.1:5000?ttl=3&pkt=7&iface=eth0", "rtp://[ff02::7%25eth0]:5000", "rtp://[fe80::1%eth0]:5000?iface=%00",
		"udp://host.example:1?ttl=999", "rtp://a:b@host:5000", "udp://[::1]:5000#x", "rtp://:0", "://[%]", "udp://1.2.3.4:5000?ttl=1&ttl=2",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDestination(text)
		if err != nil {
			if fault.KindOf(err) != fault.Usage || strings.ContainsAny(err.Error(), "\r\n\x1b\x00") {
				t.Errorf("%q: %q", text, err)
			}
			return
		}
		if again, err := ParseDestination(d.String()); err != nil || again != d {
			t.Errorf("%q is %q, which is %+v and not %+v (%v)", text, d, again, d, err)
		}
	})
}
