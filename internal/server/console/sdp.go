package console

import (
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/session"
)

func sdpPath(id string, pipeline, destination int) string {
	return path.Join("/console/channels", id, "sdp", strconv.Itoa(pipeline), strconv.Itoa(destination))
}

// serveSDP answers with the session description of a destination or, if the request names none, of
// all RTP destinations of a pipeline that carry the same datagrams, as a file.
func serveSDP(w http.ResponseWriter, r *http.Request, ch *Channel) {
	p, to := destinationsOfRequest(ch, r.PathValue("pipeline"), r.PathValue("destination"))
	if len(to) == 0 {
		writeError(w, http.StatusNotFound, "", "this channel has no such destination")
		return
	}
	s := session.Session{ID: ch.ID, Name: ch.Name, Version: uint64(max(0, time.Time(p.Epoch).Unix())), BitRate: p.BitRate}
	text, err := s.Describe(to...)
	if err != nil {
		fail(w, "", err)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(ch.Name, to[0]) + ".sdp"}))
	_, _ = w.Write(text) // The client may be gone.
}

// destinationsOfRequest returns the destination of an index within a pipeline, or without
// an index those that carry the same datagrams; none if there is no such destination.
func destinationsOfRequest(c *Channel, pipeline, index string) (*Pipeline, []channel.Destination) {
	i, err := strconv.Atoi(pipeline)
	if err != nil || i < 0 || i >= len(c.Pipelines) {
		return nil, nil
	}
	p, all := &c.Pipelines[i], []channel.Destination(nil)
	for j, text := range p.To {
		if d, err := channel.ParseDestination(text); err == nil && (index == "" || index == strconv.Itoa(j)) {
			all = append(all, d)
		}
	}
	if index == "" {
		return p, session.Duplicates(all)
	}
	return p, all
}

// fileName returns a name that any file system takes.
func fileName(name string, d channel.Destination) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, name+"-"+strconv.Itoa(d.Port)), "-.")
}
