package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
)

// list answers with all channels, as the first event does.
func (c *Console) list(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, c.frame(c.backend.Channels()).whole())
}

// find returns the channel that the request is about; it answers and returns
// false where there is none.
func (c *Console) find(w http.ResponseWriter, r *http.Request) (Channel, bool) {
	id := r.PathValue("id")
	if ch, ok := c.backend.Find(id); ok {
		return ch, true
	}
	refuse(w, http.StatusNotFound, "", "there is no channel "+id+": it may have been deleted")
	return Channel{}, false
}

// past answers with the last hour, in step seconds.
func (c *Console) past(w http.ResponseWriter, r *http.Request) {
	ch, ok := c.find(w, r)
	if !ok {
		return
	}
	step := int64(1)
	if text := r.URL.Query().Get("step"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > kept || kept%n != 0 {
			refuse(w, http.StatusBadRequest, "", "step is a number of seconds that divides an hour")
			return
		}
		step = n
	}
	answerJSON(w, http.StatusOK, c.history.json(ch.ID, c.opts.Now(), step))
}

// document answers with the channel's MediaLive JSON.
func (c *Console) document(w http.ResponseWriter, r *http.Request) {
	ch, ok := c.find(w, r)
	if !ok {
		return
	}
	text, err := c.backend.Document(ch.ID)
	if err != nil {
		fail(w, "", err)
		return
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		fail(w, "", err)
		return
	}
	answerJSON(w, http.StatusOK, indented.Bytes())
}

// operate refuses a request if channels cannot be changed.
func (c *Console) operate(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.operator == nil {
			refuse(w, http.StatusForbidden, "", "the one channel here is lilo run's: end it there, or use lilo serve for more")
			return
		}
		next(w, r)
	}
}

// do handles a request that starts, stops or deletes a channel.
func (c *Console) do(act func(Operator, context.Context, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := act(c.operator, r.Context(), r.PathValue("id")); err != nil {
			fail(w, "", err)
			return
		}
		c.hub.poke()
		w.WriteHeader(http.StatusNoContent)
	}
}

// wanted is a channel as the form describes it. What is empty has its default.
type wanted struct {
	Source  string   `json:"source"`
	Name    string   `json:"name"`
	To      []string `json:"to"`
	MuxRate string   `json:"muxrate"`
	Encode  string   `json:"encode"`
	Start   bool     `json:"start"`
}

// spec returns the spec, or the field that cannot be meant so.
func (x wanted) spec() (s channel.Spec, field string, err error) {
	s = channel.Default()
	s.Source = strings.TrimSpace(x.Source)
	for _, f := range []struct {
		key    string
		values []string
	}{
		{"name", given(x.Name)}, {"to", x.To}, {"muxrate", given(x.MuxRate)}, {"encode", given(x.Encode)},
	} {
		if len(f.values) == 0 {
			continue
		}
		if err := s.Set(f.key, f.values...); err != nil {
			return s, f.key, err
		}
	}
	s, err = s.Complete()
	return s, "", err
}

func given(text string) []string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return []string{text}
}

// create creates the channel of a form.
func (c *Console) create(w http.ResponseWriter, r *http.Request) {
	var x wanted
	if !read(w, r, &x) {
		return
	}
	s, field, err := x.spec()
	if err != nil {
		fail(w, field, err)
		return
	}
	id, err := c.operator.Create(r.Context(), s, x.Start)
	if err != nil {
		fail(w, "", err)
		return
	}
	c.hub.poke()
	answer(w, http.StatusCreated, map[string]string{"id": id})
}

// probe says what a source holds; a source that cannot loop is no error here.
func (c *Console) probe(w http.ResponseWriter, r *http.Request) {
	var x struct {
		Source string `json:"source"`
		Encode string `json:"encode"`
	}
	if !read(w, r, &x) {
		return
	}
	s, field, err := wanted{Source: x.Source, Encode: x.Encode}.spec()
	if err != nil {
		fail(w, field, err)
		return
	}
	report, err := c.operator.Probe(r.Context(), s.Source, s.Encode)
	if err != nil && report.Container == "" {
		fail(w, "source", err)
		return
	}
	answer(w, http.StatusOK, struct {
		player.Report
		Name string `json:"name"`
	}{report, s.Name})
}
