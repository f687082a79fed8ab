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

// maxRedirects is how many redirects are followed.
const maxRedirects = 10

var (
	errRedirects = errors.New("too many redirects")
	errDowngrade = errors.New("redirected from https to http")
	errHost      = errors.New("redirected to a host that is not allowed")
)

// httpObject is an object on an HTTP server (RFC 9110).
type httpObject struct {
	url      *url.URL
	client   *http.Client
	user     string
	password func() (string, error)
	api      bool
}

func newHTTPObject(name string, opts Options) (*httpObject, error) {
	u, err := url.Parse(name)
	if err != nil || u.Hostname() == "" {
		return nil, fault.New(fault.Usage, "%s is not a URL: write https://host/path", Redact(name))
	}
	u.Fragment, u.RawFragment = "", ""
	return &httpObject{u, &http.Client{Transport: newTransport(opts), CheckRedirect: opts.checkRedirect}, opts.User, opts.Password, opts.API}, nil
}

// newTransport returns a transport with its own connections. It uses a proxy
// only if private addresses are allowed, because a proxy may connect to them.
func newTransport(opts Options) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	t := &http.Transport{
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		DisableCompression:  true, // Ranges must be those of the stored bytes.
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

// checkRedirect is called before each redirect.
func (o Options) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errRedirects
	}
	if req.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https" {
		return errDowngrade
	}
	if !o.AllowsHost(req.URL.Hostname()) {
		return errHost
	}
	req.Header.Del("Referer") // It would reveal the signature of the previous URL.
	authorize(req)
	return nil
}

// authorize adds the credentials of the netrc file for the host, unless the
// request has some. It reads the file each time, because they may be renewed.
func authorize(req *http.Request) {
	if req.URL.User != nil || req.Header.Get("Authorization") != "" {
		return
	}
	if c := readNetrc(req.URL.Hostname()); c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
}

func (o *httpObject) name() string { return Redact(o.url.String()) }

// key returns the URL with its user, but without its password and the parameters of a
// signature, which change while the object stays the same.
func (o *httpObject) key() string {
	u := *o.url
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	if o.user != "" {
		u.User = url.User(o.user)
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

func (o *httpObject) fetch(ctx context.Context, r request) (*response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url.String(), nil)
	if err != nil {
		return nil, &fetchError{refused, "cannot be asked for: " + withoutURL(err)}
	}
	req.Header.Set("User-Agent", "lilo")
	req.Header.Set("Accept-Encoding", "identity")
	requestRange(req.Header, r)
	if o.user != "" {
		password, err := o.password()
		if err != nil {
			return nil, &fetchError{refused, "cannot be asked for: " + err.Error()}
		}
		req.SetBasicAuth(o.user, password) // A redirect to another host goes without.
	}
	authorize(req)
	resp, err := o.client.Do(req)
	if err != nil {
		return nil, connectionError(err)
	}
	got, err := o.response(resp, r)
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return got, nil
}

func (o *httpObject) response(resp *http.Response, r request) (*response, error) {
	got := &response{ReadCloser: resp.Body, end: resp.ContentLength}
	got.version = version{Tag: resp.Header.Get("ETag"), Modified: resp.Header.Get("Last-Modified"), Size: resp.ContentLength}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusPartialContent:
		if err := got.setRange(resp.Header.Get("Content-Range"), r); err != nil {
			return nil, err
		}
	default:
		return nil, statusError(resp, r, http.StatusText(resp.StatusCode), o.hint(resp.StatusCode))
	}
	if e := resp.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, &fetchError{refused, fmt.Sprintf("is sent compressed (%s): it must be sent unchanged", printable(e))}
	}
	return got, got.check(r)
}

// setRange parses a Content-Range header (RFC 9110, 14.4).
func (n *response) setRange(text string, r request) error {
	var first, last, size int64
	const form = "bytes %d-%d/%d"
	if c, err := fmt.Sscanf(text, form, &first, &last, &size); c != 3 || err != nil || fmt.Sprintf(form, first, last, size) != text {
		return &fetchError{refused, fmt.Sprintf("answers with a range that it does not specify (Content-Range %q)", printable(text))}
	}
	if first != r.from || last < first || last >= size {
		return &fetchError{refused, fmt.Sprintf("answers with other bytes than those asked for: %q instead of %d-%d", printable(text), r.from, r.to-1)}
	}
	n.start, n.end, n.partial, n.version.Size = first, last+1, true, size
	return nil
}

// check checks that the response is of the requested version.
func (n *response) check(r request) error {
	if r.match != (version{}) && !n.version.same(r.match) {
		return &fetchError{changed, "was replaced on the server while it was fetched"}
	}
	if n.version.Size == 0 {
		return &fetchError{refused, "is empty: it has 0 bytes"}
	}
	return nil
}

// hint returns what to do about a status code.
func (o *httpObject) hint(status int) string {
	switch status {
	case http.StatusUnauthorized:
		if o.api && o.user != "" {
			return "it refuses the user " + o.user + " or the password; correct username and passwordParam of the input's source, or the parameter"
		}
		if o.api {
			return "it requires a user and a password; set username and passwordParam of the input's source"
		}
		return "it requires a user and a password; put them for " + o.url.Hostname() + " into ~/.netrc"
	case http.StatusForbidden:
		return "it may not be read; if the URL was signed, it may have expired"
	}
	return "LILO does not expect this status for a file"
}

// statusError returns the error that the status code of a response means. name
// is the server's name of the status, and hint what to do about a refusal.
func statusError(resp *http.Response, r request, name, hint string) error {
	status := resp.StatusCode
	answer := strings.TrimSpace(fmt.Sprintf("answers %d %s", status, printable(name)))
	switch {
	case status == http.StatusNotModified:
		return &fetchError{notModified, "is unchanged"}
	case status == http.StatusPreconditionFailed:
		return &fetchError{changed, "was replaced on the server while it was fetched"}
	case status == http.StatusRequestedRangeNotSatisfiable && r.from == 0:
		return &fetchError{refused, "is empty: it has 0 bytes"}
	case status == http.StatusRequestedRangeNotSatisfiable: // RFC 9110, 15.5.17
		return &fetchError{changed, fmt.Sprintf("was replaced on the server by something shorter (%q)", printable(resp.Header.Get("Content-Range")))}
	case name == "NoSuchBucket":
		return &fetchError{refused, answer + ": there is no bucket of that name; check the name"}
	case (status == http.StatusNotFound || status == http.StatusGone) && r.match == (version{}):
		return &fetchError{refused, answer + ": there is nothing of that name; check it"}
	case status == http.StatusNotFound, status == http.StatusGone:
		return &fetchError{changed, answer + ": it was removed while it was fetched"}
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return &fetchError{temporary, answer + ": the server cannot serve it now; try again later"}
	}
	return &fetchError{refused, answer + ": " + hint}
}

// connectionError classifies an error of a connection.
func connectionError(err error) error {
	if name, ok := errors.AsType[*net.DNSError](err); ok && name.IsNotFound {
		return &fetchError{unknownHost, fmt.Sprintf("cannot be reached: the name %s has no address; check the name and the network", name.Name)}
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &fetchError{refused, "is on a server whose certificate is not trusted: " + withoutURL(bad.Err)}
	}
	switch {
	case errors.Is(err, errPrivate):
		return &fetchError{refused, "leads to an address of a private network, which is not allowed here"}
	case errors.Is(err, errRedirects):
		return &fetchError{refused, fmt.Sprintf("is redirected in a circle: %d times", maxRedirects)}
	case errors.Is(err, errDowngrade):
		return &fetchError{refused, "redirects from https to http, which is not followed: give the http:// URL if that is meant"}
	case errors.Is(err, errHost):
		return &fetchError{refused, "redirects to a host that is not allowed here"}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &fetchError{refused, "is not on an HTTPS server: give the http:// URL if that is meant"}
	}
	return &fetchError{temporary, "cannot be reached: " + withoutURL(err)}
}

// withoutURL returns the text of an error without the URL, whose query may be a secret.
func withoutURL(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, io.EOF) {
		return "the server closed the connection"
	}
	return printable(err.Error())
}

// printable returns text from a server, shortened and on one line.
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
