package service

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// SourcePolicy says which sources may be played.
type SourcePolicy struct {
	// Folders are those whose files may be played.
	Folders []string
	// Hosts are the hosts and buckets that remote sources may lie on; none allows all.
	Hosts []string
}

// check says why a URL cannot be the source of an input, "" if it can. A file
// need not exist yet.
func (p SourcePolicy) check(text string) string {
	u, err := url.Parse(text)
	if err != nil || !u.IsAbs() {
		return "the source is not a URL: write https://host/path.mp4, s3ssl://bucket/key.mp4 or file:///folder/name.mp4"
	}
	switch strings.ToLower(u.Scheme) {
	case "file":
		return p.checkFile(u)
	case "http", "https", "s3", "s3ssl":
		return p.checkRemote(u)
	}
	return "sources of " + u.Scheme + ":// cannot be played: use https://, s3ssl:// or file://"
}

func (p SourcePolicy) checkRemote(u *url.URL) string {
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
	case !(source.Options{Hosts: p.Hosts}).AllowsHost(u.Hostname()):
		return "sources on " + u.Hostname() + " are not allowed on this server"
	}
	return ""
}

func (p SourcePolicy) checkFile(u *url.URL) string {
	if u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) {
		return "a file has an absolute path: file:///folder/name.mp4"
	}
	if !p.allowsFile(u.Path) {
		return notAllowed(u.Path)
	}
	return ""
}

func notAllowed(path string) string {
	return path + " does not lie in a folder that --allow-files names on this server"
}

// allowsFile reports whether a path lies in one of the folders, wherever symbolic
// links lead. A file that does not exist is judged by its name.
func (p SourcePolicy) allowsFile(path string) bool {
	return slices.ContainsFunc(p.Folders, func(folder string) bool {
		inside, err := filepath.Abs(folder)
		if err != nil {
			return false
		}
		rest, err := filepath.Rel(resolved(inside), resolved(path))
		return err == nil && filepath.IsLocal(rest)
	})
}

// resolved returns a path without symbolic links, as far as it exists.
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

// Allow returns an error if a source, as a spec names it, may not be played. The
// bundled clip may. Errors are of kind Source.
func (p SourcePolicy) Allow(source string) error {
	text := ""
	switch {
	case source == "": // The bundled clip.
	case strings.Contains(source, "://"):
		text = p.check(source)
	case !p.allowsFile(source):
		text = notAllowed(source)
	}
	if text != "" {
		return fault.New(fault.Source, "%s", text)
	}
	return nil
}
