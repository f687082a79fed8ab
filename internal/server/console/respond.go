package console

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"

	"github.com/lilo-live/lilo/internal/fault"
)

// maxBody is the longest body of a request, in bytes.
const maxBody = 64 << 10

// errorBody is the body of an error response.
type errorBody struct {
	// Error says what is wrong and what to do.
	Error string `json:"error"`
	// Field is the field of the form that is wrong, empty for none.
	Field string `json:"field,omitempty"`
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the response cannot be encoded"}`)
	}
	writeBody(w, status, append(text, '\n'))
}

func writeBody(w http.ResponseWriter, status int, json []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(json) // The client may be gone.
}

// writeError answers with an error. field is the field of the form that is wrong.
func writeError(w http.ResponseWriter, status int, field, text string) {
	writeJSON(w, status, errorBody{text, field})
}

// fail answers with an error of the backend.
func fail(w http.ResponseWriter, field string, err error) {
	status := http.StatusUnprocessableEntity
	if e, ok := errors.AsType[interface {
		error
		Status() int
	}](err); ok {
		status = e.Status()
	} else if fault.KindOf(err) == fault.Internal {
		status = http.StatusInternalServerError
	}
	writeError(w, status, field, err.Error())
}

// readJSON reads a JSON body into v. If it cannot, it answers and returns false.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		writeError(w, http.StatusUnsupportedMediaType, "", "the body must be application/json")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		writeError(w, http.StatusBadRequest, "", "the body cannot be read: "+err.Error())
		return false
	}
	return true
}
