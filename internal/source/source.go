// Package source opens what a channel plays: bytes at offsets, which do not
// change while they are read. It knows nothing of what the bytes are.
//
// A file is read where it lies. An object that lies elsewhere (https, s3) is
// fetched into the cache while it is read: what is asked for first, then the
// rest in order. Its parts:
//
//   - an object answers for a range of bytes of one version of it (http, s3);
//   - blocks knows which of its bytes are here, and who waits for others;
//   - store keeps them in an entry of the cache;
//   - fetcher, a goroutine, brings them;
//   - remote puts these together.
package source

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
)

// Source is an opened source.
type Source interface {
	io.ReaderAt
	io.Closer
	// Size is the length in bytes.
	Size() int64
	// Identity tells this source, as it is now, from every other.
	Identity() string
}

// Remote is a Source that is fetched while it is read.
type Remote interface {
	Source
	// OnAir says that a channel plays the source from now on: a read that needs
	// bytes which cannot be had now waits for them, however long that takes,
	// and the context of Open does not matter any more.
	OnAir()
	// Download waits until all of it is here, and returns the file that holds it,
	// which is not to be changed and may vanish after Close.
	Download(ctx context.Context) (path string, err error)
	// Wait returns when n bytes at off are here, without reading them, or when ctx is done.
	Wait(ctx context.Context, off, n int64) error
	// Progress tells how much of it is here.
	Progress() Progress
}

// Progress is how much of a remote source is here.
type Progress struct {
	// Have and Size are bytes. Size is -1 where the server does not tell.
	Have, Size int64
	// Stalled tells that bytes are missing which cannot be had now.
	Stalled bool
	// Outages counts how often that was so while on air.
	Outages int64
}

// Options says what a source may be, and who wants to know of it. The zero
// value suits a name that came from somebody else: neither files nor addresses
// of this network are opened.
type Options struct {
	// Notify, if not nil, is called with one line for people when something
	// happens to the source that does not keep it from being read, by any
	// goroutine.
	Notify func(line string)
	// Progress, if not nil, is called now and then while a source is fetched,
	// by a goroutine of the source.
	Progress func(Progress)
	// AllowFiles allows paths.
	AllowFiles bool
	// Folders, if there are any, are those that the files lie in or below.
	Folders []string
	// AllowPrivate allows addresses of this machine and of private networks,
	// and proxies, through which such addresses could be reached.
	AllowPrivate bool
	// Hosts, if there are any, are those that URLs may lead to, and the buckets
	// of s3://; *.example.com is all below example.com. Whoever names a host
	// means it: it may be one of a private network.
	Hosts []string
}

// Open opens a source by its name: a path, a URL, or nothing for the bundled
// clip. Errors are faults of kind Source, or Usage for a name that cannot be one.
// When ctx is done, a remote source ends that is not yet on air.
func Open(ctx context.Context, name string, opts Options) (Source, error) {
	if opts.Notify == nil {
		opts.Notify = func(string) {}
	}
	if opts.Progress == nil {
		opts.Progress = func(Progress) {}
	}
	if name == "" {
		r, size := clip.Open()
		return bundled{r, size}, nil
	}
	if scheme, _, ok := strings.Cut(name, "://"); ok {
		return openURL(ctx, strings.ToLower(scheme), name, opts)
	}
	if !opts.AllowFiles {
		return nil, fault.New(fault.Usage, "%s is a path, and files are not allowed here: give an https:// or s3:// URL", name)
	}
	if len(opts.Folders) > 0 {
		return openBelow(name, opts)
	}
	return openFile(name, opts.Notify)
}

func openURL(ctx context.Context, scheme, name string, opts Options) (Source, error) {
	if err := opts.checkHost(name); err != nil {
		return nil, err
	}
	switch scheme {
	case "http", "https":
		return openHTTP(ctx, name, opts)
	case "s3", "s3ssl":
		return openS3(ctx, name, opts)
	}
	return nil, fault.New(fault.Usage, "%s: a source is a path or an http://, https://, s3:// or s3ssl:// URL, %q is not read", Redact(name), scheme+"://")
}

// Redact returns a source's name as it may be shown and stored: without the
// password and the query of a URL, which may hold a signature.
func Redact(name string) string {
	scheme, _, ok := strings.Cut(name, "://")
	if !ok {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		return scheme + "://…"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	query := u.RawQuery != ""
	u.RawQuery, u.ForceQuery = "", false
	if query {
		return u.String() + "?…"
	}
	return u.String()
}

// bundled is the clip in the program itself.
type bundled struct {
	io.ReaderAt
	size int64
}

func (b bundled) Size() int64    { return b.size }
func (bundled) Close() error     { return nil }
func (bundled) Identity() string { return "clip" }
