package event

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// The kinds of event, which are EventBridge's detail-types.
const (
	StateChange = "MediaLive Channel State Change"
	Alert       = "MediaLive Channel Alert"
	InputChange = "MediaLive Channel Input Change"
)

// Source is where MediaLive's events come from.
const Source = "aws.medialive"

// Event is one event, in EventBridge's form.
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

// Detail is what an event of MediaLive tells. What its kind has no use for is empty.
type Detail struct {
	ChannelARN string `json:"channel_arn"`
	// Pipeline is "0" or "1"; empty for what concerns the channel.
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

// Origin says where events come from.
type Origin struct {
	Account, Region string
}

// Event returns an event of that kind about the channel of the detail.
func (o Origin) Event(kind string, at time.Time, d Detail) Event {
	return Event{
		Version: "0", ID: newID(), DetailType: kind, Source: Source,
		Account: o.Account, Time: at.UTC().Truncate(time.Second), Region: o.Region,
		Resources: []string{d.ChannelARN}, Detail: d,
	}
}

// newID returns a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // It never fails.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// JSON returns the event as it is delivered.
func (e Event) JSON() ([]byte, error) { return json.Marshal(e) }
