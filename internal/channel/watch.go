package channel

import (
	"net/netip"
	"strconv"
)

// Watch returns the commands with which players show what goes to the
// destination: ffplay's, then VLC's. A name tells nothing of the machine it
// leads to, so there are none for it.
func (d Destination) Watch() []string {
	address, err := netip.ParseAddr(d.Host)
	if err != nil {
		return nil
	}
	vlc := d.Scheme + "://@:" + strconv.Itoa(d.Port)
	if address.IsMulticast() {
		vlc = d.Scheme + "://@" + d.Address()
	}
	return []string{"ffplay -fflags nobuffer " + d.Scheme + "://" + d.Address(), "vlc " + vlc}
}
