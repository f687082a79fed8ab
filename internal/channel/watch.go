package channel

import "net/netip"

// Watch returns the commands with which players show what goes to the
// destination: ffplay's, then VLC's. There are none for a host name, because it
// does not tell which machine it leads to.
func (d Destination) Watch() []string {
	address, err := netip.ParseAddr(d.Host)
	players := d.Kind().players
	if err != nil || players == nil {
		return nil
	}
	return players(d, address.IsMulticast())
}
