package output

import (
	"net"
	"strconv"

	"github.com/lilo-live/lilo/internal/channel"
)

// URL returns the short form of a destination, without its options:
// rtp://239.1.1.1:5000.
func URL(d channel.Destination) string {
	return d.Scheme + "://" + net.JoinHostPort(d.Host, strconv.Itoa(d.Port))
}
