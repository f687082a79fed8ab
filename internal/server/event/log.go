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
	d, level := e.Detail, slog.LevelInfo
	if d.AlarmState == "SET" {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{slog.String("arn", d.ChannelARN)}
	for _, a := range []struct{ key, value string }{
		{"pipeline", d.Pipeline},
		{"state", d.State},
		{"alarm", d.AlarmState},
		{"alert", d.AlertType},
		{"input", d.ActiveInputAttachmentName},
		{"action", d.ActiveInputSwitchActionName},
		{"message", d.Message},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	l.Log.LogAttrs(ctx, level, e.DetailType, attrs...)
	return nil
}
