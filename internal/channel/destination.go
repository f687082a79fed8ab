package channel

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// MaxPackets is the most TS packets a datagram carries: seven of 188 bytes and
// the headers fit an Ethernet frame.
const MaxPackets = 7

// Destination is one place the stream goes to, as its URL says:
// rtp://239.1.1.1:5000?ttl=4&iface=eth0&pkt=7.
type Destination struct {
	// Scheme is "rtp" or "udp".
	Scheme string
	// Host is an IP address or a name, without brackets.
	Host string
	// Port is 1 to 65535.
	Port int
	// TTL is the time to live or hop limit of the datagrams, 1 to 255; 0 leaves it to the system.
	TTL int
	// Interface names the network interface multicast leaves by; empty leaves it to the system.
	Interface string
	// Packets is the number of TS packets a datagram, 1 to 7.
	Packets int
}

var errShape = errors.New("a destination is rtp://address:port or udp://address:port")

// ParseDestination reads a destination's URL. Faults are of kind Usage.
func ParseDestination(text string) (Destination, error) {
	d, err := parseDestination(text)
	if err != nil {
		return Destination{}, fault.New(fault.Usage, "%q: %w", text, err)
	}
	return d, nil
}

func parseDestination(text string) (Destination, error) {
	if !strings.Contains(text, "://") {
		return Destination{}, errShape
	}
	u, err := url.Parse(text)
	if err != nil {
		return Destination{}, reason(err)
	}
	if err := checkShape(u); err != nil {
		return Destination{}, err
	}
	d := Destination{Scheme: u.Scheme, Host: u.Hostname(), Packets: MaxPackets}
	if d.Port, err = number(u.Port(), 1, 65535); err != nil {
		return Destination{}, fmt.Errorf("the port %w", err)
	}
	if err := checkHost(d.Host); err != nil {
		return Destination{}, err
	}
	return d, d.setOptions(u.RawQuery)
}

// reason unwraps what url.Parse says, which names the URL once more.
func reason(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// checkShape refuses every part of a URL that a destination has no use for.
func checkShape(u *url.URL) error {
	switch {
	case u.Scheme != "rtp" && u.Scheme != "udp":
		return errShape
	case u.User != nil:
		return errors.New("a destination has no user: leave out what stands before the @")
	case strings.Count(u.Host, ":") > 1 && !strings.HasPrefix(u.Host, "["):
		return errors.New("an IPv6 address stands in brackets: udp://[::1]:5000")
	case u.Host == "" || u.Hostname() == "":
		return errors.New("the address is missing")
	case u.Port() == "":
		return errors.New("the port is missing")
	case u.Path != "" && u.Path != "/":
		return fmt.Errorf("a destination has no path: leave out %q", u.Path)
	case u.Fragment != "":
		return fmt.Errorf("a destination has no fragment: leave out %q", "#"+u.Fragment)
	}
	return nil
}

func checkHost(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.IsUnspecified() {
			return fmt.Errorf("%s is no address to send to", host)
		}
		return nil
	}
	if strings.ContainsFunc(host, notInNames) || strings.HasPrefix(host, "-") {
		return fmt.Errorf("%q is neither an IP address nor a name", host)
	}
	if strings.Trim(host, "0123456789.") == "" {
		return fmt.Errorf("%q is not an IP address", host)
	}
	return nil
}

func notInNames(r rune) bool {
	return r < 128 && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._", r)
}

// setOptions reads what stands behind the question mark.
func (d *Destination) setOptions(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		given := values[key]
		if len(given) > 1 {
			return fmt.Errorf("%s is given twice", key)
		}
		if err := d.setOption(key, given[0]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Destination) setOption(key, value string) (err error) {
	switch key {
	case "ttl":
		d.TTL, err = number(value, 1, 255)
	case "pkt":
		d.Packets, err = number(value, 1, MaxPackets)
	case "iface":
		d.Interface = value
		if value == "" || strings.ContainsAny(value, " /\t\n") {
			err = fmt.Errorf("%q is not the name of an interface", value)
		}
	default:
		return fmt.Errorf("%q is not known (ttl, iface and pkt are)", key)
	}
	if err != nil {
		return fmt.Errorf("%s %w", key, err)
	}
	return nil
}

// number reads a whole number from low to high.
func number(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is not a number from %d to %d", text, low, high)
	}
	return n, nil
}

// Address returns host and port as net.Dial takes them.
func (d Destination) Address() string { return net.JoinHostPort(d.Host, strconv.Itoa(d.Port)) }

// String returns the destination's URL, with only those options that differ
// from their defaults.
func (d Destination) String() string {
	u := url.URL{Scheme: d.Scheme, Host: net.JoinHostPort(d.Host, strconv.Itoa(d.Port))}
	var options []string
	if d.TTL != 0 {
		options = append(options, "ttl="+strconv.Itoa(d.TTL))
	}
	if d.Interface != "" {
		options = append(options, "iface="+url.QueryEscape(d.Interface))
	}
	if d.Packets != MaxPackets && d.Packets != 0 {
		options = append(options, "pkt="+strconv.Itoa(d.Packets))
	}
	u.RawQuery = strings.Join(options, "&")
	return u.String()
}
