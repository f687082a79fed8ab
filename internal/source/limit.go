package source

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// AllowsHost tells whether URLs may lead to that host, or to that bucket.
func (o Options) AllowsHost(name string) bool {
	if len(o.Hosts) == 0 {
		return true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return slices.ContainsFunc(o.Hosts, func(allowed string) bool {
		allowed = strings.ToLower(allowed)
		if below, ok := strings.CutPrefix(allowed, "*."); ok {
			return strings.HasSuffix(name, "."+below)
		}
		return name == allowed
	})
}

// checkHost refuses a URL whose host is not among those allowed.
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
		return fault.New(fault.Usage, "%s lies on a host that is not allowed here (%s are)", Redact(name), strings.Join(o.Hosts, ", "))
	}
	return nil
}

// openBelow opens a file in or below one of the folders. Links in them that
// lead out of them are not followed, whenever they are made.
func openBelow(name string, opts Options) (Source, error) {
	for _, folder := range opts.Folders {
		below, err := filepath.Rel(folder, name)
		if err != nil || !filepath.IsLocal(below) {
			continue
		}
		return openIn(folder, below, name, opts.Notify)
	}
	return nil, fault.New(fault.Usage, "%s lies in no folder whose files are allowed here (%s)", name, strings.Join(opts.Folders, ", "))
}

func openIn(folder, below, name string, tell func(string)) (Source, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", folder, cause(err))
	}
	defer root.Close()
	// A pipe without a writer would not open before one comes.
	if info, err := root.Stat(below); err == nil && !info.Mode().IsRegular() {
		return nil, fault.New(fault.Source, "%s is %s: give a regular file, it is read again on every lap", name, what(info.Mode()))
	}
	f, err := root.Open(below)
	if err != nil {
		return nil, fault.New(fault.Source, "%s cannot be opened: %w", name, cause(err))
	}
	return opened(name, f, tell)
}
