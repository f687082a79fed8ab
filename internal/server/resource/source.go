package resource

import (
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/source"
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
	return source.Options{Hosts: r.o.AllowHosts}.AllowsHost(host)
}

func (r *Registry) checkFile(u *url.URL) string {
	if u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) {
		return "a file has an absolute path: file:///folder/name.mp4"
	}
	if !r.allowedFile(u.Path) {
		return notAllowed(u.Path)
	}
	return ""
}

func notAllowed(path string) string {
	return path + " does not lie in a folder that --allow-files names on this server"
}

// allowedFile tells whether a path lies in a folder from which files may be
// played, wherever symbolic links lead. A file that is not there is judged by its name.
func (r *Registry) allowedFile(path string) bool {
	return slices.ContainsFunc(r.o.AllowFiles, func(folder string) bool {
		inside, err := filepath.Abs(folder)
		if err != nil {
			return false
		}
		rest, err := filepath.Rel(resolved(inside), resolved(path))
		return err == nil && filepath.IsLocal(rest)
	})
}

// resolved returns a path without symbolic links, as far as it is there.
func resolved(path string) string {
	path = filepath.Clean(path)
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		return whole
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}

// allowed refuses a source, in the engine's words, that may not be played now:
// what is allowed may be another thing than when the input was made.
func (r *Registry) allowed(source string) error {
	text := ""
	switch {
	case source == "": // The bundled clip.
	case strings.Contains(source, "://"):
		text = r.checkSource(source)
	case !r.allowedFile(source):
		text = notAllowed(source)
	}
	if text != "" {
		return fault.New(fault.Source, "%s", text)
	}
	return nil
}

// allowedAll refuses a channel one of whose sources may not be played now.
func (r *Registry) allowedAll(c player.Config) error {
	err := r.allowed(c.Spec.Source)
	for _, s := range c.Schedule.Entries {
		err = errors.Join(err, r.allowed(s.Source))
	}
	return err
}
