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
	// Size returns the length in bytes.
	Size() int64
	// Identity returns a text that differs from that of every other source and
	// of every other version of this one.
	Identity() string
}

// Keeper is a Source that can be kept in memory.
type Keeper interface {
	Source
	// Keep keeps what is read from now on, if it fits in Options.Memory, for all who read the
	// source: one reader alone gains less than the memory is worth.
	Keep()
}

// Checker is a Source that may be written to while it is open.
type Checker interface {
	Source
	// Check returns an error of kind Changed once that has happened. It looks at most once
	// a second, so it may be called often. ReadAt does the same.
	Check() error
}

// Remote is a Source that is fetched while it is read.
type Remote interface {
	Source
	// OnAir tells the source that a channel now plays it: a read waits for
	// missing bytes however long that takes, and the context of Open no longer
	// matters.
	OnAir()
	// Download waits until all bytes are present and returns the file that
	// holds them. The file must not be changed and may be removed after Close.
	Download(ctx context.Context) (path string, err error)
	// Wait waits until n bytes at off are present or ctx is done.
	Wait(ctx context.Context, off, n int64) error
	// Progress returns how much is present.
	Progress() Progress
}

// Progress is how much of a remote source is present.
type Progress struct {
	// Have and Size are bytes. Size is -1 if the server does not tell it.
	Have, Size int64
	// Stalled reports that a reader on air waits for bytes that cannot be fetched now.
	Stalled bool
	// Outages counts how often the source has stalled.
	Outages int64
}

// Open opens a source by its name: a path, a URL, or "" for the bundled clip.
// Its errors are faults of kind Source, or Usage for a name that cannot be one.
// Until a remote source is on air, it ends when ctx is done.
func Open(ctx context.Context, name string, opts Options) (Source, error) {
	if opts.Notify == nil {
		opts.Notify = func(string) {}
	}
	if opts.Progress == nil {
		opts.Progress = func(Progress) {}
	}
	scheme, _, isURL := strings.Cut(name, "://")
	switch {
	case name == "":
		r, size := clip.Open()
		return bundledClip{r, size}, nil
	case isURL:
		return openURL(ctx, strings.ToLower(scheme), name, opts)
	case !opts.AllowFiles:
		return nil, fault.New(fault.Usage, "%s is a path, and files are not allowed here: give an https:// or s3:// URL", name)
	case len(opts.Folders) > 0:
		return openFileIn(name, opts)
	}
	return openFile(name, opts)
}

func openURL(ctx context.Context, scheme, name string, opts Options) (Source, error) {
	if err := opts.checkHost(name); err != nil {
		return nil, err
	}
	var o object
	var err error
	switch scheme {
	case "http", "https":
		o, err = newHTTPObject(name, opts)
	case "s3", "s3ssl":
		o, err = newS3Object(ctx, name)
	default:
		err = fault.New(fault.Usage, "%s: a source is a path or an http://, https://, s3:// or s3ssl:// URL, not %q", Redact(name), scheme+"://")
	}
	if err != nil {
		return nil, err
	}
	return openRemote(ctx, o, opts, defaultTiming())
}

// Redact returns a source's name without what must not be shown or stored: the
// user, the password and the query of a URL, which may hold a signature.
func Redact(name string) string {
	scheme, _, ok := strings.Cut(name, "://")
	if !ok {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		return scheme + "://…"
	}
	hasQuery := u.RawQuery != ""
	u.User, u.Fragment, u.RawFragment, u.RawQuery, u.ForceQuery = nil, "", "", "", false
	if hasQuery {
		return u.String() + "?…"
	}
	return u.String()
}

// bundledClip is the clip in the program itself.
type bundledClip struct {
	io.ReaderAt
	size int64
}

func (b bundledClip) Size() int64    { return b.size }
func (bundledClip) Close() error     { return nil }
func (bundledClip) Identity() string { return "clip" }
