package event

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// EventBridge is a sink that puts events on an event bus of EventBridge.
type EventBridge struct {
	client *eventbridge.Client
	bus    string
	source string
}

// NewEventBridge returns a sink that puts events on that bus, "default" where
// it is empty. The source of events is a name of one's own: AWS refuses those
// that begin with aws. from anybody else; empty keeps MediaLive's, for an
// endpoint that is not AWS.
func NewEventBridge(client *eventbridge.Client, bus, source string) *EventBridge {
	if bus == "" {
		bus = "default"
	}
	return &EventBridge{client, bus, source}
}

// Name returns the name of the bus.
func (b *EventBridge) Name() string { return "eventbridge:" + b.bus }

// Deliver puts one event on the bus.
func (b *EventBridge) Deliver(ctx context.Context, e Event) error {
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	source := e.Source
	if b.source != "" {
		source = b.source
	}
	answer, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: &b.bus, Source: &source, DetailType: &e.DetailType, Detail: aws.String(string(detail)),
		Resources: e.Resources, Time: &e.Time,
	}}})
	if err != nil {
		return err
	}
	for _, entry := range answer.Entries {
		if code := aws.ToString(entry.ErrorCode); code != "" {
			return fmt.Errorf("%s: %s", code, aws.ToString(entry.ErrorMessage))
		}
	}
	return nil
}
