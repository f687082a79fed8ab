package channel

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// ParseDestination reads a destination's URL. Faults are of kind Usage.
func ParseDestination(text string) (Destination, error) {
	d, err := parseDestination(text)
	if err != nil {
		return Destination{}, fault.New(fault.Usage, "%q: %w", text, err)
	}
	return d, nil
}

func parseDestination(text string) (Destination, error) {
	u, err := url.Parse(EscapeZone(text))
	if err != nil && strings.Contains(text, "://") {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // Without the URL, which the caller names.
		}
		return Destination{}, err
	}
	if err != nil || (Destination{Scheme: u.Scheme}).Kind().Name == "" || !strings.Contains(text, "://") {
		return Destination{}, errors.New("a destination is " + DestinationSyntax("address:port") + meantDestination(text))
	}
	if err := checkShape(u); err != nil {
		return Destination{}, err
	}
	port, err := setting.Number(1, 65535).Parse(u.Port())
	if err != nil {
		return Destination{}, fmt.Errorf("the port %w", err)
	}
	d := Destination{Scheme: u.Scheme, Host: u.Hostname(), Port: port}
	if err := checkHost(d.Host); err != nil {
		return Destination{}, err
	}
	return d, d.setOptions(u.RawQuery)
}

// meantDestination says which destination was probably meant by a text without a scheme
// that is known.
func meantDestination(text string) string {
	meant := "rtp://" + text
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		meant = setting.Nearest(scheme, SchemeNames()) + "://" + rest
	}
	if d, err := parseDestination(meant); err != nil || d.Kind().Name == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %s?", meant)
}

// EscapeZone returns a URL with the zone of its IPv6 address as RFC 6874 demands it:
// [fe80::1%25eth0] where people type [fe80::1%eth0]. "%25" always stands for "%".
func EscapeZone(text string) string {
	start := strings.Index(text, "://[")
	end := strings.Index(text[max(0, start):], "]") + max(0, start)
	at := strings.Index(text[max(0, start):], "%") + max(0, start)
	if start < 0 || at < start || at > end || strings.HasPrefix(text[at:], "%25") {
		return text
	}
	return text[:at] + "%25" + text[at+1:]
}

// checkShape refuses every part of a URL that a destination has no use for.
func checkShape(u *url.URL) error {
	switch {
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

// setOptions reads the query, in the order of its keys.
func (d *Destination) setOptions(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	known := d.Kind().Options
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if len(values[key]) > 1 {
			return fmt.Errorf("%s is given twice", key)
		}
		option, err := setting.Find(known, key)
		if err != nil {
			return err
		}
		if err := option.Set(d, values[key][0]); err != nil {
			return fmt.Errorf("%s %w", key, err)
		}
	}
	if d.RTCP && d.Port == 65535 {
		return errors.New("rtcp: reports go to the port above, and there is none above 65535")
	}
	return nil
}
