package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/resource"
)

// Prefix is the path below which all calls lie.
const Prefix = "/prod/"

// MaxBody is how long a request may be, in bytes. MediaLive's largest
// documents have some hundred kilobytes.
const MaxBody = 4 << 20

// Options is what there is to say about the API.
type Options struct {
	Log *slog.Logger
	// Version is what ListVersions answers.
	Version string
	// MaxBody is how long a request may be, in bytes; 0 is [MaxBody].
	MaxBody int64
	// Patience is how long a call may take; 0 is half a minute.
	Patience time.Duration
	// Snap, if not nil, makes a JPEG of what a pipeline shows now. It answers
	// nil where there is no program that could.
	Snap func(ctx context.Context, b resource.Broadcast) ([]byte, error)
}

// handler answers calls.
type handler struct {
	registry *resource.Registry
	o        Options
	routes   []route
}

// New returns the handler of all paths below Prefix.
func New(r *resource.Registry, o Options) http.Handler {
	o.Log, o.MaxBody = cmp.Or(o.Log, slog.Default()), cmp.Or(o.MaxBody, MaxBody)
	o.Patience, o.Version = cmp.Or(o.Patience, 30*time.Second), cmp.Or(o.Version, "lilo")
	h := &handler{registry: r, o: o}
	h.routes = h.table()
	return h
}

// call is one call that is answered.
type call struct {
	operation string
	// id is what stands for {id} in the path.
	id    string
	query url.Values
	body  []byte
}

// read reads the body into an SDK type.
func (c *call) read(into any) error {
	if err := medialive.Unmarshal(c.body, into); err != nil {
		return resource.Refuse(resource.BadRequest, "Could not parse request body into json: %v", err)
	}
	return nil
}

// page reads which part of a list is asked for.
func (c *call) page() (resource.Page, error) {
	p := resource.Page{NextToken: c.query.Get("nextToken")}
	text := c.query.Get("maxResults")
	if text == "" {
		return p, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return p, resource.Refuse(resource.BadRequest, "maxResults is a number from 1 on, not %q", text)
	}
	p.MaxResults = n
	return p, nil
}

// ServeHTTP answers one call.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := requestID()
	w.Header().Set("X-Amzn-Requestid", id)
	began := time.Now()
	operation, status := h.serve(w, r, id)
	h.o.Log.Debug("call", "operation", operation, "status", status, "request", id, "took", time.Since(began))
}

// serve answers a call and returns its operation and status.
func (h *handler) serve(w http.ResponseWriter, r *http.Request, request string) (string, int) {
	route, id, err := h.find(r)
	if err != nil {
		return "", h.refuse(w, err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.o.Patience)
	defer cancel()
	answer, err := h.do(ctx, w, r, route, id)
	if err != nil {
		if resource.CodeOf(err) == resource.Internal {
			h.o.Log.Error("a call failed", "operation", route.operation, "request", request, "error", err)
		}
		return route.operation, h.refuse(w, err)
	}
	return route.operation, h.answer(w, route.status, answer)
}

// do does a call. A panic becomes an error: one call does not end the channels.
func (h *handler) do(ctx context.Context, w http.ResponseWriter, r *http.Request, route route, id string) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.o.MaxBody))
	if err != nil {
		return nil, unread(err)
	}
	answer, err = route.do(ctx, &call{operation: route.operation, id: id, query: r.URL.Query(), body: body})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, resource.Refuse(resource.Timeout, "%s took longer than %v", route.operation, h.o.Patience)
	}
	return answer, err
}

// unread says why a body was not read.
func unread(err error) error {
	if long, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return resource.Refuse(tooLarge, "The request is longer than %d bytes", long.Limit)
	}
	return resource.Refuse(resource.BadRequest, "The request was not read: %v", err)
}

// answer writes an SDK type in wire form, nothing for nil.
func (h *handler) answer(w http.ResponseWriter, status int, v any) int {
	if v == nil {
		w.WriteHeader(status)
		return status
	}
	data, err := medialive.Marshal(v)
	if err != nil {
		return h.refuse(w, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(data); err != nil {
		h.o.Log.Debug("an answer was not taken", "error", err)
	}
	return status
}

// Exceptions of the gateway before MediaLive.
const (
	noToken  resource.Code = "MissingAuthenticationTokenException"
	tooLarge resource.Code = "RequestEntityTooLargeException"
)

// status returns the HTTP status of an exception.
func status(code resource.Code) int {
	switch code {
	case resource.BadRequest:
		return http.StatusBadRequest
	case resource.Forbidden, noToken:
		return http.StatusForbidden
	case resource.NotFound:
		return http.StatusNotFound
	case resource.Conflict:
		return http.StatusConflict
	case tooLarge:
		return http.StatusRequestEntityTooLarge
	case resource.Unprocessable:
		return http.StatusUnprocessableEntity
	case resource.TooMany:
		return http.StatusTooManyRequests
	case resource.BadGateway:
		return http.StatusBadGateway
	case resource.Timeout:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}

// fault is an error's wire form.
type fault struct {
	Message          string         `json:"message"`
	ValidationErrors []elementFault `json:"validationErrors,omitempty"`
}

type elementFault struct {
	ElementPath  string `json:"elementPath"`
	ErrorMessage string `json:"errorMessage"`
}

// refuse writes an error.
func (h *handler) refuse(w http.ResponseWriter, err error) int {
	return Refuse(w, err)
}

// Refuse answers with an error in MediaLive's wire form, as its status says,
// which it returns. Whoever refuses a call before it comes to the handler uses it.
func Refuse(w http.ResponseWriter, err error) int {
	code := resource.CodeOf(err)
	f := fault{Message: err.Error()}
	if r, ok := errors.AsType[*resource.Refusal](err); ok {
		f.ValidationErrors = elements(r.Elements)
	}
	data, failed := json.Marshal(f)
	if failed != nil {
		code, data = resource.Internal, []byte(`{"message":"internal error"}`)
	}
	n := status(code)
	if n == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", string(code))
	w.WriteHeader(n)
	w.Write(data) //nolint:errcheck // A client that is gone does not need it.
	return n
}

func elements(all []types.ValidationError) []elementFault {
	var out []elementFault
	for _, e := range all {
		out = append(out, elementFault{*e.ElementPath, *e.ErrorMessage})
	}
	return out
}

// requestID returns a random UUID (RFC 9562, version 4).
func requestID() string {
	var b [16]byte
	rand.Read(b[:]) // It never fails.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// find returns the operation that is asked for, and the id in its path.
func (h *handler) find(r *http.Request) (route, string, error) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix)
	if !ok {
		return route{}, "", unknown()
	}
	path := strings.Split(rest, "/")
	for i := range path {
		text, err := url.PathUnescape(path[i])
		if err != nil {
			return route{}, "", unknown()
		}
		path[i] = text
	}
	for _, one := range h.routes {
		if id, ok := one.matches(r.Method, path); ok {
			return one, id, nil
		}
	}
	return route{}, "", absent(r.Method, path)
}

// unknown is what AWS's gateway says of paths that there are not.
func unknown() error { return resource.Refuse(noToken, "Missing Authentication Token") }

// absent says what is wrong with a path that has no route: MediaLive has
// operations that there are not here.
func absent(method string, path []string) error {
	family, known := families()[path[0]]
	switch {
	case !known:
		return unknown()
	case method == http.MethodGet && len(path) > 1:
		return resource.Refuse(resource.NotFound, "%s %s not found", family.one, path[1])
	}
	return resource.Refuse(resource.Forbidden, "%s of %s is not served here: lilo serve plays files, and has no %s", method, family.list, family.list)
}
