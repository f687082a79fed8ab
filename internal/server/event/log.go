package event

import (
	"context"
	"log/slog"
)

// Log is a sink that writes events to a log.
type Log struct{ Log *slog.Logger }

// Name returns "log".
func (Log) Name() string { return "log" }

// Deliver writes one line. It never fails.
func (l Log) Deliver(ctx context.Context, e Event) error {
	d := e.Detail
	attrs := []slog.Attr{slog.String("arn", d.ChannelARN)}
	for _, a := range []struct{ key, value string }{
		{"pipeline", d.Pipeline},
		{"state", d.State},
		{"alarm", d.AlarmState},
		{"alert", d.AlertType},
		{"input", d.ActiveInputAttachmentName},
		{"action", d.ActiveInputSwitchActionName},
		{"about", d.Message},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	l.Log.LogAttrs(ctx, level(e), e.DetailType, attrs...)
	return nil
}

func level(e Event) slog.Level {
	if e.Detail.AlarmState == "SET" {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
