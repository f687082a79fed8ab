package source

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// maxRedirects is how often a server may send to another place.
const maxRedirects = 10

var (
	errRedirects = errors.New("too many redirects")
	errDowngrade = errors.New("redirected from https to http")
	errHost      = errors.New("redirected to a host that is not allowed")
)

// web is an object that is read with HTTP (RFC 9110).
type web struct {
	url    *url.URL
	client *http.Client
}

func openHTTP(ctx context.Context, name string, opts Options) (Source, error) {
	w, err := newWeb(name, opts)
	if err != nil {
		return nil, err
	}
	return openRemote(ctx, w, opts, usualPatience())
}

func newWeb(name string, opts Options) (*web, error) {
	u, err := url.Parse(name)
	if err != nil || u.Hostname() == "" {
		return nil, fault.New(fault.Usage, "%s is no URL: write https://host/path", Redact(name))
	}
	u.Fragment, u.RawFragment = "", ""
	return &web{url: u, client: &http.Client{Transport: newTransport(opts), CheckRedirect: opts.redirect}}, nil
}

// newTransport returns a transport with connections of its own. A proxy would
// open private addresses for us without our seeing them: it is used only where
// they are allowed.
func newTransport(opts Options) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	t := &http.Transport{
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		DisableCompression:  true, // Ranges are those of the bytes as they are kept.
		MaxIdleConnsPerHost: 1,
		IdleConnTimeout:     30 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	switch {
	case opts.AllowPrivate:
		t.Proxy = http.ProxyFromEnvironment
	case len(opts.Hosts) == 0:
		dialer.Control = publicOnly
	}
	return t
}

// redirect is called before each redirect is followed.
func (o Options) redirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errRedirects
	}
	if req.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https" {
		return errDowngrade
	}
	if !o.AllowsHost(req.URL.Hostname()) {
		return errHost
	}
	req.Header.Del("Referer") // It would tell the signature of the URL before.
	authorize(req)
	return nil
}

// authorize adds what the netrc file has for the host, unless the request has a
// password already. It is read each time: it may have been renewed.
func authorize(req *http.Request) {
	if req.URL.User != nil || req.Header.Get("Authorization") != "" {
		return
	}
	if l, ok := readNetrc(req.URL.Hostname()); ok {
		req.SetBasicAuth(l.user, l.password)
	}
}

func (w *web) name() string { return Redact(w.url.String()) }

// key is the URL without its password, and without what a signature adds to
// it: a URL that is signed anew leads to the same object.
func (w *web) key() string {
	u := *w.url
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.Host = strings.ToLower(u.Host)
	query := u.Query()
	for k := range query {
		if strings.HasPrefix(strings.ToLower(k), "x-amz-") {
			query.Del(k)
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

func (w *web) fetch(ctx context.Context, a ask) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url.String(), nil)
	if err != nil {
		return nil, &trouble{refused, "cannot be asked for: " + plain(err)}
	}
	req.Header.Set("User-Agent", "lilo")
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", a.from, a.to-1))
	condition(req.Header, a)
	authorize(req)
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, unreached(err)
	}
	got, err := w.answer(resp, a)
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return got, nil
}

// condition has the server send nothing, or all, rather than a part of another
// version (RFC 9110, 13.1). A weak tag is no good for a range.
func condition(h http.Header, a ask) {
	switch {
	case a.unless.Tag != "":
		h.Set("If-None-Match", a.unless.Tag)
	case a.unless.Modified != "":
		h.Set("If-Modified-Since", a.unless.Modified)
	case a.is.Tag != "" && !strings.HasPrefix(a.is.Tag, "W/"):
		h.Set("If-Range", a.is.Tag)
	case a.is.Tag == "" && a.is.Modified != "":
		h.Set("If-Range", a.is.Modified)
	}
}

func (w *web) answer(resp *http.Response, a ask) (*answer, error) {
	got := &answer{ReadCloser: resp.Body, end: resp.ContentLength}
	got.version = version{Tag: resp.Header.Get("ETag"), Modified: resp.Header.Get("Last-Modified"), Size: resp.ContentLength}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusPartialContent:
		if err := got.part(resp.Header.Get("Content-Range"), a); err != nil {
			return nil, err
		}
	default:
		return nil, w.status(resp, a)
	}
	if e := resp.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, &trouble{refused, fmt.Sprintf("is sent compressed (%s): it must be sent as it is", printable(e))}
	}
	return got, got.check(a)
}

// part takes over what a Content-Range says (RFC 9110, 14.4).
func (n *answer) part(text string, a ask) error {
	var first, last, size int64
	if c, err := fmt.Sscanf(text, "bytes %d-%d/%d", &first, &last, &size); c != 3 || err != nil {
		return &trouble{refused, fmt.Sprintf("answers with a part that it does not place (Content-Range %q)", printable(text))}
	}
	if first != a.from || last < first || last >= size {
		return &trouble{refused, fmt.Sprintf("answers with other bytes than those asked for: %q instead of %d-%d", printable(text), a.from, a.to-1)}
	}
	n.at, n.end, n.partial, n.version.Size = first, last+1, true, size
	return nil
}

// check makes sure that the answer is of the version asked for.
func (n *answer) check(a ask) error {
	if a.is != (version{}) && !n.version.same(a.is) {
		return &trouble{changed, "was replaced on the server while it was fetched"}
	}
	if n.version.Size == 0 {
		return &trouble{refused, "is empty: it has 0 bytes"}
	}
	return nil
}

// status says what an answer without the bytes means.
func (w *web) status(resp *http.Response, a ask) error {
	why := func(k kind, hint string) error {
		return &trouble{k, fmt.Sprintf("answers %d %s: %s", resp.StatusCode, http.StatusText(resp.StatusCode), hint)}
	}
	switch code := resp.StatusCode; {
	case code == http.StatusNotModified:
		return &trouble{same, "is as it was"}
	case code == http.StatusPreconditionFailed:
		return &trouble{changed, "was replaced on the server while it was fetched"}
	case code == http.StatusRequestedRangeNotSatisfiable:
		return beyond(resp.Header.Get("Content-Range"), a)
	case code == http.StatusUnauthorized:
		return why(refused, "it wants a user and a password; put them for "+w.url.Hostname()+" into ~/.netrc")
	case code == http.StatusForbidden:
		return why(refused, "it may not be read; if the URL was signed, it may have expired")
	case code == http.StatusNotFound, code == http.StatusGone:
		return gone(a, fmt.Sprintf("answers %d %s", code, http.StatusText(code)))
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return why(passing, "the server cannot serve it now; try again later")
	}
	return why(refused, "that is no answer to a request for a file")
}

// gone is what is not there, or not there any more.
func gone(a ask, answer string) error {
	if a.is == (version{}) {
		return &trouble{refused, answer + ": there is nothing of that name; check it"}
	}
	return &trouble{changed, answer + ": it was removed while it was fetched"}
}

// beyond is a range that lies behind the end of the object (RFC 9110, 15.5.17).
func beyond(contentRange string, a ask) error {
	if a.from == 0 {
		return &trouble{refused, "is empty: it has 0 bytes"}
	}
	return &trouble{changed, fmt.Sprintf("was replaced on the server by something shorter (%q)", printable(contentRange))}
}

// unreached sorts the errors of a connection.
func unreached(err error) error {
	if name, ok := errors.AsType[*net.DNSError](err); ok && name.IsNotFound {
		return &trouble{unknown, fmt.Sprintf("cannot be reached: no address is known for %s; check the name and the network", name.Name)}
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &trouble{refused, "is on a server whose certificate is not trusted: " + plain(bad.Err)}
	}
	switch {
	case errors.Is(err, errPrivate):
		return &trouble{refused, "leads to an address of a private network, which is not allowed here"}
	case errors.Is(err, errRedirects):
		return &trouble{refused, fmt.Sprintf("leads in a circle: it was redirected %d times", maxRedirects)}
	case errors.Is(err, errDowngrade):
		return &trouble{refused, "redirects from https to http, which is not followed: give the http:// URL if that is meant"}
	case errors.Is(err, errHost):
		return &trouble{refused, "redirects to a host that is not allowed here"}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &trouble{refused, "is not on a server of https: give the http:// URL if that is meant"}
	}
	return &trouble{passing, "cannot be reached: " + plain(err)}
}

// plain returns the text of an error without the URL, whose query may be a secret.
func plain(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, io.EOF) {
		return "the server closed the connection"
	}
	return printable(err.Error())
}

// printable keeps what a server says short and on its line.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
