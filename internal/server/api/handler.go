package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lilo-live/lilo/internal/medialive"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Prefix is the path below which all calls lie.
const Prefix = "/prod/"

// MaxBody is the default limit of a request, in bytes. MediaLive's largest documents
// have some hundred kilobytes.
const MaxBody = 4 << 20

// Options configures the API.
type Options struct {
	Log *slog.Logger
	// Version is what ListVersions answers.
	Version string
	// MaxBody limits a request, in bytes; 0 means [MaxBody].
	MaxBody int64
	// Timeout limits a call; 0 means half a minute.
	Timeout time.Duration
	// Thumbnail, if not nil, returns a JPEG of what a pipeline shows now, nil if it
	// cannot make any.
	Thumbnail func(ctx context.Context, p supervisor.Playback) ([]byte, error)
	// Armed, if not nil, has faults that calls ask for without the header.
	Armed *Armed
}

type handler struct {
	service *service.Service
	o       Options
	table   []route
}

// New returns the handler of all paths below Prefix.
func New(s *service.Service, o Options) http.Handler {
	o.Log, o.MaxBody = cmp.Or(o.Log, slog.Default()), cmp.Or(o.MaxBody, MaxBody)
	o.Timeout, o.Version = cmp.Or(o.Timeout, 30*time.Second), cmp.Or(o.Version, "lilo")
	h := &handler{service: s, o: o}
	h.table = h.routes()
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := uuid.NewString()
	w.Header().Set("X-Amzn-Requestid", id)
	began := time.Now()
	operation, status := h.serve(w, r, id)
	h.o.Log.Debug("call", "operation", operation, "status", status, "request", id, "took", time.Since(began))
}

// serve answers a call and returns its operation and status.
func (h *handler) serve(w http.ResponseWriter, r *http.Request, request string) (string, int) {
	route, c, err := h.find(r)
	if err != nil {
		return "", writeError(w, err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.o.Timeout)
	defer cancel()
	answer, err := h.call(ctx, w, r, route, c)
	if err != nil {
		if c.failing { // The gateway in front of MediaLive answers so, whatever the model has.
			return route.name, writeError(w, err)
		}
		err = route.modelled(err)
		if service.CodeOf(err) == service.Internal {
			h.o.Log.Error("a call failed", "operation", route.name, "request", request, "error", err)
		}
		return route.name, writeError(w, err)
	}
	return route.name, h.answer(w, route.status, answer)
}

// call makes a call. A panic becomes an error: it must not end the channels.
func (h *handler) call(ctx context.Context, w http.ResponseWriter, r *http.Request, route route, c *call) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, h.o.MaxBody))
	if long, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, service.Errorf(service.TooLarge, "The request is longer than %d bytes", long.Limit)
	}
	if err != nil {
		return nil, service.Errorf(service.BadRequest, "The request cannot be read: %v", err)
	}
	asked, err := h.faultsOf(r, route, c)
	if err != nil {
		return nil, err
	}
	c.failing = asked.err != nil
	if err = h.service.Sync(ctx); err == nil {
		answer, err = asked.do(ctx, h.service, route, c)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, service.Errorf(service.Timeout, "%s took longer than %v", route.name, h.o.Timeout)
	}
	return answer, err
}

// answer writes an SDK type in wire form, and returns the status.
func (h *handler) answer(w http.ResponseWriter, status int, v any) int {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return status
	}
	data, err := medialive.Marshal(v)
	if err != nil {
		return writeError(w, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(data); err != nil {
		h.o.Log.Debug("an answer was not delivered", "error", err)
	}
	return status
}

// exception is the wire form of an error.
type exception struct {
	Message          string            `json:"message"`
	ValidationErrors []validationError `json:"validationErrors,omitempty"`
}

type validationError struct {
	ElementPath  string `json:"elementPath"`
	ErrorMessage string `json:"errorMessage"`
}

// writeError answers with an error in MediaLive's wire form and returns the status.
func writeError(w http.ResponseWriter, err error) int {
	code, x := service.CodeOf(err), exception{Message: err.Error()}
	if e, ok := errors.AsType[*service.Error](err); ok {
		for _, one := range e.Elements {
			x.ValidationErrors = append(x.ValidationErrors, validationError{*one.ElementPath, *one.ErrorMessage})
		}
	}
	data, failed := json.Marshal(x)
	if failed != nil {
		code, data = service.Internal, []byte(`{"message":"internal error"}`)
	}
	if code == service.TooMany {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", string(code))
	w.WriteHeader(code.Status())
	w.Write(data) //nolint:errcheck // The client has gone.
	return code.Status()
}

// find returns the route that a request is for, and the call.
func (h *handler) find(r *http.Request) (route, *call, error) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix)
	if !ok {
		return route{}, nil, unknown()
	}
	path := strings.Split(rest, "/")
	for i := range path {
		text, err := url.PathUnescape(path[i])
		if err != nil {
			return route{}, nil, unknown()
		}
		path[i] = text
	}
	for _, one := range h.table {
		if member, id, ok := one.match(r.Method, path); ok {
			return one, &call{method: r.Method, member: member, id: id, query: r.URL.Query()}, nil
		}
	}
	return route{}, nil, unknown()
}

// unknown is the answer of the gateway in front of MediaLive for an unknown path.
func unknown() error {
	return service.Errorf(service.MissingAuthenticationToken, "Missing Authentication Token")
}
