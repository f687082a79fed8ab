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

// trouble is what a request is refused with.
type trouble struct {
	// Error says what is wrong and what to do.
	Error string `json:"error"`
	// Field is the field of the form it is about, empty for none.
	Field string `json:"field,omitempty"`
}

func answer(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "", err.Error())
		return
	}
	answerJSON(w, status, append(text, '\n'))
}

func answerJSON(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // Who asked is gone; there is nobody to tell.
}

func refuse(w http.ResponseWriter, status int, field, text string) {
	answer(w, status, trouble{text, field})
}

// Refusal is an error that says with which HTTP status it is answered.
type Refusal interface {
	error
	Status() int
}

// fail answers with what went wrong: faults by their kind, refusals by their status.
func fail(w http.ResponseWriter, field string, err error) {
	refuse(w, statusOf(err), field, err.Error())
}

func statusOf(err error) int {
	if r, ok := errors.AsType[Refusal](err); ok {
		return r.Status()
	}
	switch fault.KindOf(err) {
	case fault.Usage, fault.Source, fault.Media, fault.Rate, fault.Destination, fault.Changed, fault.Tool:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusInternalServerError
	}
}

// read takes a JSON body into v; it answers and returns false where there is none.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "", "the body must be application/json")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		refuse(w, http.StatusBadRequest, "", "the body is not what is wanted here: "+err.Error())
		return false
	}
	return true
}
