package service

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/source"
)

// SourcePolicy says which sources may be played.
type SourcePolicy struct {
	// Folders are those whose files may be played.
	Folders []string
	// Hosts are the hosts and buckets of remote sources; none allows all.
	Hosts []string
}

// check returns why a URL cannot be the source of an input, "" if it can. A file
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
		return "the URL of the source contains a user name or a password, which anyone could read: leave it out"
	case s3 && strings.Contains(u.Host, "."):
		return "the name of the bucket must not contain dots"
	case strings.Trim(u.Path, "/") == "":
		return "the source has no path"
	case !(source.Options{Hosts: p.Hosts}).AllowsHost(u.Hostname()):
		return "sources on " + u.Hostname() + " are not allowed on this server"
	}
	return ""
}

func (p SourcePolicy) checkFile(u *url.URL) string {
	if u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) {
		return "a file needs an absolute path: file:///folder/name.mp4"
	}
	if !p.allowsFile(u.Path) {
		return source.Forbidden(u.Path).Error()
	}
	return ""
}

// allowsFile reports whether a path lies in one of the folders once symbolic links
// are resolved. The file need not exist.
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

// resolved resolves the symbolic links in the part of a path that exists.
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
