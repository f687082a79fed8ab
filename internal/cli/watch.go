package cli

import (
	"net/netip"
	"strconv"

	"github.com/lilo-live/lilo/internal/channel"
)

// watchHints returns how to watch what goes to that destination: one command a player.
func watchHints(d channel.Destination) []string {
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
