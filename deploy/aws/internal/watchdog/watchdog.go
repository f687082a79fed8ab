// Package watchdog supervises a deployed channel: it stops the channel when its
// time to live is over, logs its alerts, and starts it when MediaLive reports that
// it was created, if nothing else has. EventBridge calls [Watchdog.Handle].
package watchdog

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/deploy/aws/internal/lifecycle"
	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/function"
)

// Parameters is the part of Systems Manager that is used.
type Parameters interface {
	lifecycle.Parameters
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// Event is an event of EventBridge, or the tick of a schedule, which names the channel.
type Event struct {
	DetailType string `json:"detail-type"`
	Detail     struct {
		// State is CREATED, RUNNING, STOPPING, STOPPED or DELETED: not the names of the API.
		State      string `json:"state"`
		ChannelARN string `json:"channel_arn"`
		AlarmState string `json:"alarm_state"`
		AlertType  string `json:"alert_type"`
		Pipeline   any    `json:"pipeline"`
		Message    string `json:"message"`
	} `json:"detail"`
	// Channel is the id of the channel (tick).
	Channel string `json:"channel"`
}

// Watchdog is the function behind the rules.
type Watchdog struct {
	Channels   lifecycle.Channels
	Parameters Parameters
	// AutoStart starts a channel that was just created.
	AutoStart bool
	// TTL is how long the channel may be on air, 0 without limit.
	TTL time.Duration
	// Since is the name of the parameter that holds since when the channel is on air.
	Since string
	Log   *slog.Logger
	// Now tells the time.
	Now func() time.Time
}

// Handle handles an event. After an error Lambda repeats the call and finally
// sends the event to the dead-letter queue; every call can be repeated.
func (w *Watchdog) Handle(ctx context.Context, e Event) error {
	if e.DetailType == "MediaLive Channel Alert" {
		w.logAlert(ctx, e)
		return nil
	}
	id := e.Channel
	if id == "" {
		id = e.Detail.ChannelARN[strings.LastIndex(e.Detail.ChannelARN, ":")+1:]
	}
	if id == "" {
		return fmt.Errorf("an event of type %q names no channel", e.DetailType)
	}
	out, err := w.Channels.DescribeChannel(ctx, &medialive.DescribeChannelInput{ChannelId: &id})
	if awserr.KindOf(err) == awserr.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("channel %s cannot be described: %w", id, err)
	}
	if e.Detail.State == "CREATED" && w.AutoStart && out.State == types.ChannelStateIdle {
		return w.start(ctx, id)
	}
	if w.TTL == 0 {
		return nil
	}
	return w.expire(ctx, id, out.State)
}

// logAlert writes an alert to the log.
func (w *Watchdog) logAlert(ctx context.Context, e Event) {
	level := slog.LevelWarn
	if e.Detail.AlarmState != "SET" {
		level = slog.LevelInfo
	}
	w.Log.Log(ctx, level, "alert "+e.Detail.AlarmState, "type", e.Detail.AlertType, "pipeline", e.Detail.Pipeline,
		"channel", e.Detail.ChannelARN, "message", e.Detail.Message)
}

func (w *Watchdog) start(ctx context.Context, id string) error {
	_, err := w.Channels.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: &id})
	if err != nil {
		return fmt.Errorf("channel %s cannot be started: %w", id, err)
	}
	w.Log.InfoContext(ctx, "started the channel", "channel", id)
	return nil
}

// expire records since when the channel is on air, and stops it after its time to live.
func (w *Watchdog) expire(ctx context.Context, id string, state types.ChannelState) error {
	out, err := w.Parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: &w.Since})
	if err != nil {
		return fmt.Errorf("parameter %s cannot be read: %w", w.Since, err)
	}
	text, now := aws.ToString(out.Parameter.Value), w.Now().UTC()
	since, err := time.Parse(time.RFC3339, text)
	switch {
	case state != types.ChannelStateRunning && state != types.ChannelStateRecovering:
		return w.setSince(ctx, text, function.Unset)
	case err != nil:
		return w.setSince(ctx, text, now.Format(time.RFC3339))
	case now.Sub(since) < w.TTL:
		return nil
	}
	w.Log.WarnContext(ctx, "stopping the channel: its time to live is over", "channel", id, "since", text, "ttl", w.TTL)
	if _, err := w.Channels.StopChannel(ctx, &medialive.StopChannelInput{ChannelId: &id}); err != nil {
		return fmt.Errorf("channel %s cannot be stopped: %w", id, err)
	}
	return nil
}

// setSince writes the parameter unless it has that value.
func (w *Watchdog) setSince(ctx context.Context, was, want string) error {
	if was == want {
		return nil
	}
	if _, err := w.Parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: &w.Since, Value: &want, Overwrite: aws.Bool(true)}); err != nil {
		return fmt.Errorf("parameter %s cannot be written: %w", w.Since, err)
	}
	return nil
}
