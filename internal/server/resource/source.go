package resource

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/onair"
)

// checkSource says what keeps a URL from being the source of an input; empty
// where nothing does. A file need not be there yet.
func (r *Registry) checkSource(text string) string {
	u, err := url.Parse(text)
	if err != nil || !u.IsAbs() {
		return "the source is not a URL: write https://host/path.mp4, s3ssl://bucket/key.mp4 or file:///folder/name.mp4"
	}
	switch strings.ToLower(u.Scheme) {
	case "file":
		return r.checkFile(u)
	case "http", "https", "s3", "s3ssl":
		return r.checkRemote(u)
	}
	return "sources of " + u.Scheme + ":// cannot be played: use https://, s3ssl:// or file://"
}

func (r *Registry) checkRemote(u *url.URL) string {
	s3 := strings.HasPrefix(strings.ToLower(u.Scheme), "s3")
	switch {
	case u.Host == "":
		return "the source has no host"
	case u.User != nil:
		return "the source has a user or a password in its URL, where everybody can read it: leave that out"
	case s3 && strings.Contains(u.Host, "."):
		return "the name of a bucket has no dots"
	case strings.Trim(u.Path, "/") == "":
		return "the source has no path"
	case !r.allowedHost(u.Hostname()):
		return "sources on " + u.Hostname() + " are not allowed on this server"
	}
	return ""
}

func (r *Registry) allowedHost(host string) bool {
	return len(r.o.AllowHosts) == 0 || slices.ContainsFunc(r.o.AllowHosts, func(allowed string) bool {
		return strings.EqualFold(allowed, host)
	})
}

func (r *Registry) checkFile(u *url.URL) string {
	if u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) {
		return "a file has an absolute path: file:///folder/name.mp4"
	}
	if _, err := r.allowedFile(u.Path); err != nil {
		return err.Error()
	}
	return ""
}

// allowedFile returns the path without symbolic links, if it lies in a folder
// from which files may be played. A file that is not there is judged by its name.
func (r *Registry) allowedFile(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = filepath.Clean(path)
	}
	for _, folder := range r.o.AllowFiles {
		inside, err := filepath.Abs(folder)
		if err != nil {
			continue
		}
		if resolved, err := filepath.EvalSymlinks(inside); err == nil {
			inside = resolved
		}
		if rest, err := filepath.Rel(inside, real); err == nil && filepath.IsLocal(rest) {
			return real, nil
		}
	}
	return "", fault.New(fault.Source, "%s does not lie in a folder that --allow-files names on this server", path)
}

// resolve returns a source in the engine's words as it is opened, if that is allowed.
func (r *Registry) resolve(source string) (string, error) {
	switch {
	case source == "":
		return "", nil // The bundled clip.
	case !strings.Contains(source, "://"):
		return r.allowedFile(source)
	}
	if text := r.checkSource(source); text != "" {
		return "", fault.New(fault.Source, "%s", text)
	}
	return source, nil
}

// resolveAll returns a channel with its sources as they are opened.
func (r *Registry) resolveAll(c onair.Channel) (onair.Channel, error) {
	var err error
	if c.Spec.Source, err = r.resolve(c.Spec.Source); err != nil {
		return c, err
	}
	c.Schedule.Switches = slices.Clone(c.Schedule.Switches)
	for i := range c.Schedule.Switches {
		s := &c.Schedule.Switches[i]
		if s.Source, err = r.resolve(s.Source); err != nil {
			return c, err
		}
	}
	return c, nil
}
