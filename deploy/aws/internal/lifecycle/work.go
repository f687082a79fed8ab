package lifecycle

import (
	"time"

	"github.com/aws/aws-lambda-go/cfn"
)

// Types of the custom resources.
const (
	GateType  = "Custom::LiloGate"
	OnAirType = "Custom::LiloOnAir"
)

// Properties of the custom resources. CloudFormation hands all of them over as texts.
const (
	// ChannelProperty is the id of the channel (on-air).
	ChannelProperty = "ChannelId"
	// ParameterProperty is the SSM parameter that holds the id once there is one (gate).
	ParameterProperty = "ChannelParameter"
	// AutoStartProperty says whether the channel is started, "true" or "false" (on-air).
	AutoStartProperty = "AutoStart"
	// SettingsProperty changes whenever the settings of the channel do.
	SettingsProperty = "Settings"
)

// Phase is what a work is about at the moment.
type Phase string

// The phases. A work of the gate may go through all of them.
const (
	Beginning Phase = ""
	Stopping  Phase = "stopping"
	// Settling waits for the end of the update, so that the channel can go back on air.
	Settling Phase = "settling"
	Starting Phase = "starting"
)

// Work is what CloudFormation asked for and how far it has come. The state
// machine carries it from step to step, and reads Done and Wait.
type Work struct {
	Event cfn.Event `json:"event"`
	Phase Phase     `json:"phase,omitempty"`
	// Since is when the phase began.
	Since time.Time `json:"since,omitzero"`
	// Channel is the id of the channel, empty while it is not known.
	Channel string `json:"channel,omitempty"`
	// Resume says that the channel was on air when it was stopped for an update.
	Resume bool `json:"resume,omitempty"`
	// Seen says that the channel's state was looked at in this phase.
	Seen bool `json:"seen,omitempty"`
	// Starts counts how often MediaLive accepted a start.
	Starts int `json:"starts,omitempty"`
	// Answered says that CloudFormation has its answer.
	Answered bool `json:"answered,omitempty"`
	// Done says that nothing is left to do.
	Done bool `json:"done"`
	// Wait is how many seconds to let pass before the next step.
	Wait int `json:"wait"`
	// Failure is why the state machine could not have a step done.
	Failure *Failure `json:"failure,omitempty"`
}

// Failure is an error as Step Functions hands it to a Catch.
type Failure struct {
	Error string
	Cause string
}

// enter begins a phase.
func (w *Work) enter(p Phase, now time.Time) {
	w.Phase, w.Since, w.Seen, w.Starts = p, now, false, 0
}

// property returns one of the resource's, empty when it is not there.
func (w *Work) property(name string) string {
	text, _ := w.Event.ResourceProperties[name].(string)
	return text
}

// physical returns the resource's id, which never changes.
func (w *Work) physical() string {
	if w.Event.PhysicalResourceID != "" {
		return w.Event.PhysicalResourceID
	}
	if w.Event.ResourceType == OnAirType {
		return "on-air-" + w.property(ChannelProperty)
	}
	return "gate-" + w.Event.LogicalResourceID
}
