package channel

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// Options that do not fit one another, the address or the FEC are refused before anything is opened.
func TestOptionsThatDoNotFit(t *testing.T) {
	for url, want := range map[string]string{
		"rtp://10.16.1.2:5000?sap=true":                           "sap= announces multicast groups, and 10.16.1.2 is none: leave it out",
		"rtp://239.1.1.1:5000?sap=true":                           "",
		"rtp://10.16.1.2:5000?pkt=7&mtu=300":                      "pkt=7 does not fit into mtu=300: pkt=1 does",
		"udp://10.16.1.2:5000?pkt=7&mtu=1344":                     "",
		"rtp://10.16.1.2:5000?pkt=7&mtu=1356":                     "",
		"rtp://10.16.1.2:5000?pkt=7&mtu=1355":                     "pkt=7 does not fit into mtu=1355: pkt=6 does",
		"rtp://[2001:db8::1]:5000?pkt=7&mtu=1356":                 "pkt=7 does not fit into mtu=1356: pkt=6 does",
		"rtp://[::ffff:10.16.1.2]:5000?pkt=7&mtu=1356":            "",
		"rtp://10.16.1.2:5000?localaddr=2001:db8::1":              "localaddr=2001:db8::1 cannot be the source of datagrams to 10.16.1.2: one is IPv4, the other IPv6",
		"rtp://[2001:db8::2]:5000?iface=10.0.0.1":                 "iface=10.0.0.1 cannot be the source of datagrams to 2001:db8::2: one is IPv4, the other IPv6",
		"rtp://[2001:db8::2]:5000?iface=10.0.0.1&localaddr=::1":   "",
		"rtp://239.1.1.1:5000?iface=eth0":                         "",
		"rtp://[ff02::7]:5004":                                    "ff02::7 is an address of one link: name its network interface, as in [ff02::7%eth0] or iface=eth0",
		"rtp://[ff02::7]:5004?localaddr=fe80::1":                  "ff02::7 is an address of one link: name its network interface, as in [ff02::7%eth0] or iface=eth0",
		"rtp://[ff02::7%eth0]:5004":                               "",
		"rtp://[fe80::1]:5004?iface=eth0":                         "",
		"rtp://[ff15::7]:5004":                                    "",
		"rtp://news.example:5000?sap=true&localaddr=::1&iface=lo": "",
	} {
		d, err := ParseDestination(url)
		if err != nil {
			t.Fatal(err)
		}
		s := Default()
		s.To, s.Name = []Destination{d}, "News"
		err = s.Validate()
		if want == "" && err != nil || want != "" && (err == nil || fault.KindOf(err) != fault.Usage || !strings.HasPrefix(err.Error(), "to: rtp://") || !strings.HasSuffix(err.Error(), ": "+want)) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
}

// The datagrams of FEC are longer than those that they protect.
func TestFECFitsTheMTU(t *testing.T) {
	d := Destination{Scheme: "rtp", Host: "239.1.1.1", Port: 5000, Packets: 7, MTU: 1371}
	f := DefaultFEC()
	if err := d.Check(&f); err == nil || err.Error() != "pkt=7 does not fit into mtu=1371: pkt=6 does" {
		t.Errorf("with FEC: %v", err)
	}
	if d.MTU++; d.Check(&f) != nil || d.Check(nil) != nil {
		t.Errorf("%d bytes are refused", d.MTU)
	}
}
