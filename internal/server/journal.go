package server

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/server/console"
	"github.com/lilo-live/lilo/internal/server/event"
)

// maxLines is how many lines are kept of a channel.
const maxLines = 50

// journal keeps the last lines of the log and the last events of each channel. It is safe for
// concurrent use.
type journal struct {
	mu    sync.Mutex
	lines map[string][]console.LogLine // by channel id
}

func newJournal() *journal { return &journal{lines: map[string][]console.LogLine{}} }

// of returns the lines of a channel, the oldest first.
func (j *journal) of(id string) []console.LogLine {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines[id])
}

func (j *journal) add(id string, at time.Time, level, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines[id] = append(j.lines[id], console.LogLine{At: console.Time(at), Level: level, Text: redact(text)})
	j.lines[id] = j.lines[id][max(0, len(j.lines[id])-maxLines):]
}

// event keeps an event, and forgets a channel that was deleted.
func (j *journal) event(at time.Time, d event.Detail) {
	id := d.ChannelARN[strings.LastIndex(d.ChannelARN, ":")+1:]
	if d.State == "DELETED" {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.lines, id)
		return
	}
	var words []string
	for _, w := range []string{d.State, d.AlarmState, d.AlertType} {
		if w != "" {
			words = append(words, w)
		}
	}
	text := strings.Join(words, " ") + ": " + d.Message
	if d.Pipeline != "" {
		text = "pipeline " + d.Pipeline + " " + text
	}
	j.add(id, at, "EVENT", text)
}

// logged returns a logger whose lines about channels are kept too.
func (j *journal) logged(log *slog.Logger) *slog.Logger {
	return slog.New(&journalHandler{Handler: log.Handler(), journal: j, id: regexp.MustCompile(`([0-9]+)(-[01])?\)?$`)})
}

// journalHandler keeps lines that have the attribute channel.
type journalHandler struct {
	slog.Handler

	journal *journal
	id      *regexp.Regexp // of the channel, in the attribute: 7, 7-0 or News (7-0)
}

// Handle implements slog.Handler.
func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	id, text := "", r.Message
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "channel":
			if m := h.id.FindStringSubmatch(a.Value.String()); m != nil {
				id = m[1]
			}
		case "name":
		default:
			text += " " + a.Key + "=" + a.Value.String()
		}
		return true
	})
	if id != "" {
		h.journal.add(id, r.Time, r.Level.String(), text)
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &journalHandler{h.Handler.WithAttrs(attrs), h.journal, h.id}
}

// WithGroup implements slog.Handler.
func (h *journalHandler) WithGroup(name string) slog.Handler {
	return &journalHandler{h.Handler.WithGroup(name), h.journal, h.id}
}
