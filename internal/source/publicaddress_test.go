package source

import (
	"net/netip"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "8.8.8.8": true,
		"127.0.0.1": false, "127.8.8.8": false, "::1": false, "10.0.0.1": false, "172.31.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "fe80::1%eth0": false, "fd00::1": false,
		"0.0.0.0": false, "::": false, "0.1.2.3": false, "100.64.0.1": false, "224.0.0.1": false, "ff02::1": false,
		"255.255.255.255": false, "198.18.0.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:100.64.0.1": false, "::ffff:8.8.8.8": true,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false, "fec0::1": false, "fd00:ec2::254": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	for address, want := range map[string]bool{"93.184.216.34:443": true, "127.0.0.1:80": false, "nonsense": false, "[::1]:80": false} {
		if err := publicOnly("tcp", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestBackoff(t *testing.T) {
	for n := range 100 {
		d := backoff(n)
		if d < firstPause/2 || d > lastPause || n > 8 && d < lastPause/2 {
			t.Errorf("pause %d is %s", n, d)
		}
	}
}
