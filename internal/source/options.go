package source

import (
	"net/url"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// Options restricts what may be opened and says who is notified. The zero value
// suits a name from a client: it allows neither files nor private addresses.
type Options struct {
	// Notify, if not nil, is called from any goroutine with one line for people
	// about an event that does not end the source.
	Notify func(line string)
	// Progress, if not nil, is called by a goroutine of the source from time to
	// time while it is fetched.
	Progress func(Progress)
	// Memory is where a [Keeper] keeps what is read of it.
	Memory *Memory
	// AllowFiles allows paths.
	AllowFiles bool
	// Folders, if not empty, restricts files to these directories and those below.
	Folders []string
	// AllowPrivate allows addresses of this machine and of private networks,
	// and proxies, through which such addresses could be reached.
	AllowPrivate bool
	// Hosts, if not empty, restricts URLs to these hosts and s3:// to these
	// buckets; *.example.com allows every host below example.com. A host in the
	// list may have a private address.
	Hosts []string
	// User is who reads the source, if it is on an HTTP server; "" for nobody in particular.
	User string
	// Password returns the user's password. It is asked before each request, because it may
	// be renewed.
	Password func() (string, error)
	// API says that username and passwordParam of an input are what User and Password come
	// from: errors advise to set them.
	API bool
}

// AllowsHost reports whether URLs may lead to a host or bucket.
func (o Options) AllowsHost(name string) bool {
	if len(o.Hosts) == 0 {
		return true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return slices.ContainsFunc(o.Hosts, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		if domain, ok := strings.CutPrefix(allowed, "*."); ok {
			return strings.HasSuffix(name, "."+domain)
		}
		return name == allowed
	})
}

// checkHost returns an error for a URL whose host is not allowed.
func (o Options) checkHost(name string) error {
	if len(o.Hosts) == 0 {
		return nil
	}
	_, rest, _ := strings.Cut(name, "://")
	host, _, _ := strings.Cut(rest, "/")
	if u, err := url.Parse(name); err == nil {
		host = u.Hostname()
	}
	if !o.AllowsHost(host) {
		return fault.New(fault.Usage, "%s is on a host that is not allowed here (allowed: %s)", Redact(name), strings.Join(o.Hosts, ", "))
	}
	return nil
}
