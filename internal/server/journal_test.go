package server

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/server/event"
)

// Lines of the log and events are kept by channel, without secrets, and no longer than the channel lives.
func TestJournal(t *testing.T) {
	j := newJournal()
	var out strings.Builder
	log := j.logged(slog.New(slog.NewTextHandler(&out, nil)))
	log.Warn("it is late", "channel", "City 24 (1234567-0)", "by", time.Second)
	log.Warn("it fails", "channel", "1234567", "name", "City 24", "error", "get https://anna:secret@h/a.mp4?sig=1")
	log.Warn("another", "channel", "7654321-1")
	log.Warn("of no channel")
	d := event.Detail{ChannelARN: "arn:aws:medialive:us-east-1:000000000000:channel:1234567", Pipeline: "0", State: "RUNNING", Message: "Pipeline started"}
	j.event(time.Now(), d)
	got := ""
	for _, l := range j.of("1234567") {
		got += l.Level + " " + l.Text + "\n"
	}
	if strings.Contains(got, "secret") || !strings.HasPrefix(got, "WARN it is late by=1s\nWARN it fails error=get https://") || !strings.HasSuffix(got, "EVENT pipeline 0 RUNNING: Pipeline started\n") {
		t.Errorf("kept\n%s", got)
	}
	if n := strings.Count(out.String(), "\n"); n != 4 || len(j.of("7654321")) != 1 {
		t.Errorf("%d lines were logged:\n%s", n, &out)
	}
	for i := range 2 * maxLines {
		log.Info(fmt.Sprint("line ", i), "channel", "1234567")
	}
	if all := j.of("1234567"); len(all) != maxLines || all[0].Text != fmt.Sprint("line ", maxLines) {
		t.Errorf("%d lines, the first is %q", len(all), all[0].Text)
	}
	d.State = "DELETED"
	j.event(time.Now(), d)
	if len(j.of("1234567")) != 0 {
		t.Error("a deleted channel has lines")
	}
}
