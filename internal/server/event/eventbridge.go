package event

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// Bridge is a sink that puts events on an event bus of EventBridge.
type Bridge struct {
	client *eventbridge.Client
	source string
}

// busName is the event bus that every account has.
const busName = "default"

// NewEventBridge returns a sink that puts events on the default bus with that source,
// or MediaLive's if it is empty; only AWS itself may use sources that begin with "aws.".
func NewEventBridge(client *eventbridge.Client, source string) *Bridge {
	return &Bridge{client, source}
}

// Name returns the name of the bus.
func (b *Bridge) Name() string { return "eventbridge:" + busName }

// Deliver puts an event on the bus.
func (b *Bridge) Deliver(ctx context.Context, e Event) error {
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: aws.String(busName), Source: aws.String(cmp.Or(b.source, e.Source)), DetailType: &e.DetailType,
		Detail: aws.String(string(detail)), Resources: e.Resources, Time: &e.Time,
	}}})
	if err != nil {
		return err
	}
	for _, entry := range out.Entries {
		if code := aws.ToString(entry.ErrorCode); code != "" {
			return fmt.Errorf("%s: %s", code, aws.ToString(entry.ErrorMessage))
		}
	}
	return nil
}
