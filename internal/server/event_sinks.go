package server

import (
	"context"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/smithy-go/logging"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/event"
)

// eventSinks returns the sinks that the options name. Faults are of kind Usage.
func (o *Options) eventSinks(ctx context.Context, log *slog.Logger) ([]event.Sink, error) {
	var sinks []event.Sink
	if o.EventsLog {
		sinks = append(sinks, event.Log{Log: log})
	}
	if o.Webhook != "" {
		hook, err := event.NewWebhook(o.Webhook)
		if err != nil {
			return nil, err
		}
		sinks = append(sinks, hook)
	}
	if o.EventBridge == "" {
		return sinks, nil
	}
	c, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(o.Region), awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fault.New(fault.Usage, "--eventbridge-endpoint: the AWS configuration cannot be read: %w", err)
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		c.Credentials = aws.AnonymousCredentials{} // An emulator needs none.
	}
	source := ""
	if strings.Contains(o.EventBridge, ".amazonaws.com") {
		source = "lilo.medialive" // AWS refuses events with a source of its own.
	}
	client := eventbridge.NewFromConfig(c, func(e *eventbridge.Options) { e.BaseEndpoint = &o.EventBridge })
	return append(sinks, event.NewEventBridge(client, source)), nil
}
