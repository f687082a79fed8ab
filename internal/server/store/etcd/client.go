package etcd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/sleep"
)

const (
	// Attempt is how long a member has to answer before the next one is asked.
	Attempt = 2 * time.Second
	// patience is how long a call goes on trying members: an election takes a second or two.
	patience = 5 * time.Second
	// pause is how long a call waits when no member has answered.
	pause = 100 * time.Millisecond
	// dialTimeout bounds the opening of a connection.
	dialTimeout = time.Second
	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 1 << 30
)

// Client calls an etcd. Any goroutine may call its methods.
type Client struct {
	at   *Location
	http *http.Client

	member atomic.Int64 // the number of the member that is asked first
	down   atomic.Bool  // the last call got no answer

	mu      sync.Mutex
	token   string                        // of the authentication
	streams map[*context.CancelFunc]int64 // that end when their member is no longer the first choice
}

// New returns a client. It opens no connection.
func New(at *Location) *Client {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: time.Second}
	return &Client{at: at, streams: map[*context.CancelFunc]int64{}, http: &http.Client{Transport: &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: at.TLS, TLSHandshakeTimeout: dialTimeout,
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute,
	}}}
}

// Close ends the connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Location returns where the etcd is.
func (c *Client) Location() *Location { return c.at }

// The codes of gRPC that a client handles (google.golang.org/grpc/codes).
const (
	codeInvalidArgument  = 3
	codeDeadlineExceeded = 4
	codeNotFound         = 5
	codePermissionDenied = 7
	codeExhausted        = 8
	codeUnavailable      = 14
	codeUnauthenticated  = 16
)

// Error is an answer that refuses a call.
type Error struct {
	Code    int    `json:"code"` // that of gRPC
	Message string `json:"message"`
}

func (e *Error) Error() string { return strings.TrimPrefix(e.Message, "etcdserver: ") }

// elsewhere reports whether another member may answer what this one did not.
func elsewhere(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return !ok || e.Code == codeUnavailable || e.Code == codeDeadlineExceeded
}

// isNotFound reports whether etcd knows no such lease.
func isNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == codeNotFound
}

// call makes a call at one member after the other, until one answers it. After an
// error, a call that changes something may have been made.
func (c *Client) call(ctx context.Context, path string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	wait := patience
	if c.down.Load() {
		wait = 0
	}
	var unknown error
	for begin := time.Now(); ; {
		for range c.at.Members {
			if err = c.attempt(ctx, path, body, answer); err == nil || !elsewhere(err) {
				c.down.Store(false)
				return c.explain(err)
			}
			if e, ok := errors.AsType[*net.OpError](err); !ok || e.Op != "dial" {
				unknown = errUnknown
			}
			if ctx.Err() != nil {
				return c.away(err, unknown)
			}
		}
		if time.Since(begin) > wait || !sleep.For(ctx, pause) {
			c.down.Store(true)
			return c.away(err, unknown)
		}
	}
}

// errUnknown reports that a member was asked, but has not answered.
var errUnknown = errors.New("no member has answered")

// unanswered is the error of a call that no member has answered.
type unanswered struct {
	text    string
	unknown error // errUnknown, or nil if no member was asked
}

func (e *unanswered) Error() string { return e.text }
func (e *unanswered) Unwrap() error { return e.unknown }

// away says that no member has answered.
func (c *Client) away(err, unknown error) error {
	return &unanswered{fmt.Sprintf("etcd at %s does not answer (%v): see that its members run and can be reached from here", c.at, shorten(err)), unknown}
}

// explain adds to a refusal what to do about it.
func (c *Client) explain(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	advice := "see the log of etcd"
	switch {
	case e.Code == codeUnauthenticated || e.Code == codeInvalidArgument && strings.Contains(e.Message, "user name is empty"),
		e.Code == codeInvalidArgument && strings.Contains(e.Message, "authentication failed"):
		advice = "it wants a user and a password: write etcd://USER@host:port and name a file with the password"
	case e.Code == codePermissionDenied:
		advice = "give the user a role that may read and write keys that begin with " + c.at.Prefix
	case e.Code == codeExhausted:
		advice = "compact and defragment it, or raise its --quota-backend-bytes, then disarm its alarm"
	case strings.Contains(e.Message, "too large"):
		advice = "make the channel's schedule shorter, or raise etcd's --max-request-bytes"
	}
	return fmt.Errorf("etcd at %s refuses (%w): %s", c.at, err, advice)
}

// shorten returns the cause of an error of a connection, which names an address.
func shorten(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no answer in time")
	}
	return fault.Reason(err)
}

// attempt makes a call at the member of choice. If that fails, the next is chosen.
func (c *Client) attempt(ctx context.Context, path string, body []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, Attempt)
	defer cancel()
	n := c.member.Load()
	r, err := c.authorized(ctx, n, path, body)
	if err == nil {
		defer r.Body.Close()
		err = json.NewDecoder(io.LimitReader(r.Body, maxAnswer)).Decode(answer)
	}
	if err != nil && elsewhere(err) {
		c.avoid(n)
	}
	return err
}

// avoid makes another member than the one of that number the first choice, and ends what
// streams from that one: it may be silent.
func (c *Client) avoid(n int64) {
	c.member.CompareAndSwap(n, n+1)
	c.mu.Lock()
	defer c.mu.Unlock()
	for end, member := range c.streams {
		if member == n {
			(*end)()
		}
	}
}

// authorized posts a request, and logs in first where that is needed.
func (c *Client) authorized(ctx context.Context, member int64, path string, body []byte) (*http.Response, error) {
	c.mu.Lock()
	token := c.token
	c.mu.Unlock()
	if token == "" && c.at.User != "" {
		if err := c.login(ctx, member); err != nil {
			return nil, err
		}
		return c.post(ctx, member, path, body)
	}
	r, err := c.post(ctx, member, path, body)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == codeUnauthenticated && token != "" {
		if err := c.login(ctx, member); err != nil {
			return nil, err
		}
		return c.post(ctx, member, path, body)
	}
	return r, err
}

// login gets a token.
func (c *Client) login(ctx context.Context, member int64) error {
	body, err := json.Marshal(map[string]string{"name": c.at.User, "password": c.at.Password})
	if err != nil {
		return err
	}
	c.setToken("")
	r, err := c.post(ctx, member, "auth/authenticate", body)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	var answer struct{ Token string }
	err = json.NewDecoder(io.LimitReader(r.Body, maxAnswer)).Decode(&answer)
	c.setToken(answer.Token)
	return err
}

func (c *Client) setToken(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// post posts a request to a member. The caller closes the body of the response, which
// is no refusal.
func (c *Client) post(ctx context.Context, member int64, path string, body []byte) (*http.Response, error) {
	scheme := "http"
	if c.at.TLS != nil {
		scheme = "https"
	}
	address := c.at.Members[int(member)%len(c.at.Members)]
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, scheme+"://"+address+"/v3/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.token != "" {
		q.Header.Set("Authorization", c.token)
	}
	c.mu.Unlock()
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Grpc-Metadata-hasleader", "true") // A member that is cut off refuses instead of waiting.
	r, err := c.http.Do(q)
	if err != nil {
		return nil, err
	}
	if r.StatusCode == http.StatusOK {
		return r, nil
	}
	defer r.Body.Close()
	const most = 64 << 10
	text, _ := io.ReadAll(io.LimitReader(r.Body, most)) // What there is.
	var e Error
	if json.Unmarshal(text, &e) == nil && e.Message != "" {
		return nil, &e
	}
	return nil, fmt.Errorf("%s answers %s to a call of etcd: is it the address that clients of etcd use?", address, r.Status)
}
