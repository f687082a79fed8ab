package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
)

// serveChannels answers with the state of all channels, as the first event does.
func (c *Console) serveChannels(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, c.stateOf(c.backend.Channels()).full())
}

// onChannel returns the handler of a request about one channel.
func (c *Console) onChannel(serve func(http.ResponseWriter, *http.Request, *Channel)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ch, ok := c.backend.Find(r.PathValue("id"))
		if !ok {
			writeError(w, http.StatusNotFound, "", noChannel(r.PathValue("id")))
			return
		}
		serve(w, r, &ch)
	}
}

// serveHistory answers with the last hour, in steps of some seconds.
func (c *Console) serveHistory(w http.ResponseWriter, r *http.Request, ch *Channel) {
	step := int64(1)
	if text := r.URL.Query().Get("step"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > historySeconds || historySeconds%n != 0 {
			writeError(w, http.StatusBadRequest, "", "step is a number of seconds that divides an hour")
			return
		}
		step = n
	}
	writeJSON(w, http.StatusOK, c.history.hour(ch.ID, c.opts.Now(), step))
}

// serveDocument answers with the MediaLive JSON of a channel.
func (c *Console) serveDocument(w http.ResponseWriter, _ *http.Request, ch *Channel) {
	text, err := c.backend.Document(ch.ID)
	var indented bytes.Buffer
	if err == nil {
		err = json.Indent(&indented, text, "", "  ")
	}
	if err != nil {
		fail(w, "", err)
		return
	}
	writeBody(w, http.StatusOK, indented.Bytes())
}

// serveThumbnail answers with a picture of what a channel shows now.
func (c *Console) serveThumbnail(w http.ResponseWriter, r *http.Request, ch *Channel) {
	jpeg, err := c.backend.Thumbnail(r.Context(), ch.ID)
	if err != nil {
		fail(w, "", err)
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=5")
	if len(jpeg) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	_, _ = w.Write(jpeg) // The client may be gone.
}

// tag sets and removes tags of a channel.
func (c *Console) tag(w http.ResponseWriter, r *http.Request) {
	var f struct {
		Set    map[string]string `json:"set"`
		Remove []string          `json:"remove"`
	}
	if !readJSON(w, r, &f) {
		return
	}
	if err := c.operator.Tag(r.Context(), r.PathValue("id"), f.Set, f.Remove); err != nil {
		fail(w, "tags", err)
		return
	}
	c.hub.refresh()
	w.WriteHeader(http.StatusNoContent)
}

// serveLog answers with the last lines of the log of a channel.
func (c *Console) serveLog(w http.ResponseWriter, _ *http.Request, ch *Channel) {
	writeJSON(w, http.StatusOK, append([]LogLine{}, c.backend.Log(ch.ID)...))
}

// serveFiles answers with what a folder holds.
func (c *Console) serveFiles(w http.ResponseWriter, r *http.Request) {
	l, err := c.operator.Files(r.URL.Query().Get("folder"))
	if err != nil {
		fail(w, "source", err)
		return
	}
	writeJSON(w, http.StatusOK, l)
}

// servePreview serves the HLS of a channel that is on air.
func (c *Console) servePreview(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	h := c.backend.HLS(id)
	if h == nil {
		http.Error(w, "no channel "+id+" is on air", http.StatusNotFound)
		return
	}
	http.StripPrefix("/hls/"+id, h).ServeHTTP(w, r)
}

// requireOperator passes on requests if channels can be changed.
func (c *Console) requireOperator(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.operator == nil {
			writeError(w, http.StatusForbidden, "", "this channel belongs to lilo run: end it there, or use lilo serve to control channels here")
			return
		}
		next(w, r)
	}
}

// change returns the handler of a request that starts, stops or deletes a channel.
func (c *Console) change(do func(Operator, context.Context, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(c.operator, r.Context(), r.PathValue("id")); err != nil {
			fail(w, "", err)
			return
		}
		c.hub.refresh()
		w.WriteHeader(http.StatusNoContent)
	}
}

// form is a channel as the form describes it. An empty field has its default.
type form struct {
	Source  string   `json:"source"`
	Name    string   `json:"name"`
	To      []string `json:"to"`
	MuxRate string   `json:"muxrate"`
	Encode  string   `json:"encode"`
	Start   bool     `json:"start"`
	// From is the id of a channel that has the settings that are not in the form, "" for none.
	From string `json:"from"`
}

// spec returns the spec, or an error and the field that it is about.
func (f form) spec() (s channel.Spec, field string, err error) { return f.onto(channel.Default()) }

// onto returns a spec with what the form says.
func (f form) onto(s channel.Spec) (_ channel.Spec, field string, err error) {
	s.Source, s.Name, s.To, s.MuxRate, s.Encode = strings.TrimSpace(f.Source), "", nil, 0, nil
	for _, setting := range []struct {
		key    string
		values []string
	}{
		{"name", []string{f.Name}}, {"to", f.To}, {"muxrate", []string{f.MuxRate}}, {"encode", []string{f.Encode}},
	} {
		var values []string
		for _, v := range setting.values {
			if v = strings.TrimSpace(v); v != "" {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			continue
		}
		if err := s.Set(setting.key, values...); err != nil {
			return s, setting.key, err
		}
	}
	s, err = s.Complete()
	return s, "", err
}

// change returns the spec of a channel with what the form says. The form shows the name of a
// source without its secrets: that name means the source that the channel has.
func (f form) change(ch *Channel) (s channel.Spec, field string, err error) {
	if s := ch.Spec.Source; s != "" && strings.TrimSpace(f.Source) == ch.Source {
		f.Source = s
	}
	s = ch.Spec
	s.Epoch = time.Time{}
	return f.onto(s)
}

// create creates the channel of a form.
func (c *Console) create(w http.ResponseWriter, r *http.Request) {
	var f form
	if !readJSON(w, r, &f) {
		return
	}
	s, field, err := f.spec()
	if from, ok := c.backend.Find(f.From); ok {
		s, field, err = f.change(&from)
	}
	if err == nil {
		field, err = c.checkRate(r.Context(), s)
	}
	id := ""
	if err == nil {
		id, err = c.operator.Create(r.Context(), s, f.Start)
	}
	if err != nil {
		fail(w, field, err)
		return
	}
	c.hub.refresh()
	writeJSON(w, http.StatusCreated, map[string]string{"id": id})
}

// update changes a channel to what a form says.
func (c *Console) update(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	ch, ok := c.backend.Find(id)
	if !ok {
		writeError(w, http.StatusNotFound, "", noChannel(id))
		return
	}
	var f form
	if !readJSON(w, r, &f) {
		return
	}
	s, field, err := f.change(&ch)
	if err == nil {
		field, err = c.checkRate(r.Context(), s)
	}
	if err == nil {
		err = c.operator.Update(r.Context(), id, s)
	}
	if err != nil {
		fail(w, field, err)
		return
	}
	c.hub.refresh()
	writeJSON(w, http.StatusOK, map[string]string{"id": id})
}

// noChannel says that there is no channel.
func noChannel(id string) string { return "there is no channel " + id + ": it may have been deleted" }

// checkRate returns an error, and the field that it is about, for a mux rate at which the
// source cannot be played. What else is wrong with the source is told while it plays.
func (c *Console) checkRate(ctx context.Context, s channel.Spec) (field string, err error) {
	if s.MuxRate == 0 || s.Encode != nil {
		return "", nil
	}
	if _, err = c.operator.Probe(ctx, s); fault.KindOf(err) == fault.Rate {
		return "muxrate", err
	}
	return "", nil
}

// finding is what a probe of a source finds.
type finding struct {
	player.Report
	Name string `json:"name"`
	// Problem is what keeps the source from being played as it is: "media", "rate" for its
	// mux rate, "" for nothing.
	Problem string `json:"problem,omitempty"`
	// Encodable says that encoding the source solves that; Unencodable says why it does not.
	Encodable   bool   `json:"encodable,omitempty"`
	Unencodable string `json:"unencodable,omitempty"`
}

// probe reports on a source. One that cannot be played as it is is not an error here.
func (c *Console) probe(w http.ResponseWriter, r *http.Request) {
	var f struct {
		Source  string `json:"source"`
		MuxRate string `json:"muxrate"`
	}
	if !readJSON(w, r, &f) {
		return
	}
	s, field, err := form{Source: f.Source, MuxRate: f.MuxRate}.spec()
	if err != nil {
		fail(w, field, err)
		return
	}
	report, err := c.operator.Probe(r.Context(), s)
	found := finding{Report: report, Name: s.Name}
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Rate:
		found.Problem = "rate"
	case kind == fault.Media:
		found.Problem = "media"
		if err := c.operator.Encodable(r.Context(), s.Source); err != nil {
			found.Unencodable = err.Error()
		} else {
			found.Encodable = true
		}
	default:
		fail(w, "source", err)
		return
	}
	writeJSON(w, http.StatusOK, found)
}
