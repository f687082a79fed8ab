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
)

// ParseDestination reads a destination's URL. Faults are of kind Usage.
func ParseDestination(text string) (Destination, error) {
	d, err := parseDestination(text)
	if err != nil {
		return Destination{}, fault.New(fault.Usage, "%q: %w", text, err)
	}
	return d, nil
}

func parseDestination(text string) (d Destination, err error) {
	if !strings.Contains(text, "://") {
		return d, errScheme()
	}
	u, err := url.Parse(text)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // Without the URL, which the caller names.
		}
		return d, err
	}
	d = Destination{Scheme: u.Scheme, Host: u.Hostname(), Packets: MaxPackets}
	options := d.Kind().Options
	if options == nil {
		return d, errScheme()
	}
	if err := checkShape(u); err != nil {
		return d, err
	}
	if err := setNumber(&d.Port, u.Port(), 1, 65535); err != nil {
		return d, fmt.Errorf("the port %w", err)
	}
	if err := checkHost(d.Host); err != nil {
		return d, err
	}
	return d, d.setOptions(options, u.RawQuery)
}

func errScheme() error { return errors.New("a destination is " + URLForms("address:port")) }

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
func (d *Destination) setOptions(known []Option, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if len(values[key]) > 1 {
			return fmt.Errorf("%s is given twice", key)
		}
		i := slices.IndexFunc(known, func(o Option) bool { return o.Key == key })
		if i < 0 {
			return fmt.Errorf("%q is not known (%s are)", key, enumerate(optionKeys(known), "and"))
		}
		if err := known[i].set(d, values[key][0]); err != nil {
			return fmt.Errorf("%s %w", key, err)
		}
	}
	return nil
}

func optionKeys(options []Option) []string {
	var all []string
	for _, o := range options {
		all = append(all, o.Key)
	}
	return all
}

// String returns the destination's URL, with only those options that differ
// from their defaults.
func (d Destination) String() string {
	var options []string
	for _, o := range d.Kind().Options {
		if value := o.get(d); value != "" {
			options = append(options, o.Key+"="+url.QueryEscape(value))
		}
	}
	u := url.URL{Scheme: d.Scheme, Host: d.Address(), RawQuery: strings.Join(options, "&")}
	return u.String()
}

// URLForms lists the URLs that a destination may have, for that address:
// "rtp://address:port or udp://address:port".
func URLForms(address string) string {
	var all []string
	for _, s := range Schemes() {
		all = append(all, s.Name+"://"+address)
	}
	return enumerate(all, "or")
}

// enumerate joins words: a, b and c.
func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
