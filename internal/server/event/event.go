package event

import (
	"time"

	"github.com/google/uuid"
)

// The kinds of event: EventBridge's detail-types.
const (
	StateChange = "MediaLive Channel State Change"
	Alert       = "MediaLive Channel Alert"
	InputChange = "MediaLive Channel Input Change"
)

// Source is the source of MediaLive's events.
const Source = "aws.medialive"

// Event is an event as EventBridge represents it. Its JSON is what a webhook receives.
type Event struct {
	Version    string    `json:"version"`
	ID         string    `json:"id"`
	DetailType string    `json:"detail-type"`
	Source     string    `json:"source"`
	Account    string    `json:"account"`
	Time       time.Time `json:"time"`
	Region     string    `json:"region"`
	Resources  []string  `json:"resources"`
	Detail     Detail    `json:"detail"`
}

// Detail is the detail of a MediaLive event. Members that a kind does not use are empty.
type Detail struct {
	ChannelARN string `json:"channel_arn"`
	// Pipeline is "0" or "1"; empty if the event is about the whole channel.
	Pipeline string `json:"pipeline,omitempty"`
	Message  string `json:"message"`

	// State is CREATED, RUNNING, STOPPING, STOPPED or DELETED.
	State                 string `json:"state,omitempty"`
	PipelinesRunningCount *int   `json:"pipelines_running_count,omitempty"`

	// AlarmState is SET or CLEARED.
	AlarmState string `json:"alarm_state,omitempty"`
	AlarmID    string `json:"alarm_id,omitempty"`
	AlertType  string `json:"alert_type,omitempty"`

	ActiveInputAttachmentName   string `json:"active_input_attachment_name,omitempty"`
	ActiveInputSwitchActionName string `json:"active_input_switch_action_name,omitempty"`
}

// Origin is the account and region that events come from.
type Origin struct {
	Account, Region string
}

// Event returns a new event of a kind about the channel of the detail.
func (o Origin) Event(kind string, at time.Time, d Detail) Event {
	return Event{
		Version: "0", ID: uuid.NewString(), DetailType: kind, Source: Source,
		Account: o.Account, Time: at.UTC().Truncate(time.Second), Region: o.Region,
		Resources: []string{d.ChannelARN}, Detail: d,
	}
}
