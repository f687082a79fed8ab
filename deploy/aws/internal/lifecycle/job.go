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

// Properties of the custom resources. CloudFormation passes all of them as strings.
const (
	// ChannelProperty is the id of the channel (on-air).
	ChannelProperty = "ChannelId"
	// ParameterProperty is the SSM parameter that holds the id of the channel, if there is one (gate).
	ParameterProperty = "ChannelParameter"
	// AutoStartProperty is "true" if the channel is to be started (on-air).
	AutoStartProperty = "AutoStart"
	// SettingsProperty changes whenever the settings of the channel do.
	SettingsProperty = "Settings"
)

// Phase is what a job does at the moment.
type Phase string

// The phases. A job of the gate may go through all of them.
const (
	Beginning Phase = ""
	Stopping  Phase = "stopping"
	// Settling waits for the end of the update, before the channel is started again.
	Settling Phase = "settling"
	Starting Phase = "starting"
)

// Job is what CloudFormation asked for and how far it has come. The state
// machine passes it from step to step, and reads Done and Wait.
type Job struct {
	Event cfn.Event `json:"event"`
	Phase Phase     `json:"phase,omitempty"`
	// Since is when the phase began.
	Since time.Time `json:"since,omitzero"`
	// Channel is the id of the channel, empty while unknown.
	Channel string `json:"channel,omitempty"`
	// Resume reports that the channel was on air when it was stopped for an update.
	Resume bool `json:"resume,omitempty"`
	// Seen reports that the state of the channel was read in this phase.
	Seen bool `json:"seen,omitempty"`
	// Starts counts how often MediaLive accepted a start.
	Starts int `json:"starts,omitempty"`
	// Answered reports that CloudFormation has its answer.
	Answered bool `json:"answered,omitempty"`
	// Done reports that nothing is left to do.
	Done bool `json:"done"`
	// Wait is the pause before the next step, in seconds.
	Wait int `json:"wait"`
	// Failure is why the state machine could not run a step.
	Failure *Failure `json:"failure,omitempty"`
}

// Failure is an error as Step Functions passes it to a Catch.
type Failure struct {
	Error string
	Cause string
}

// enter begins a phase.
func (j *Job) enter(p Phase, now time.Time) {
	j.Phase, j.Since, j.Seen, j.Starts = p, now, false, 0
}

// property returns a property of the resource, empty without it.
func (j *Job) property(name string) string {
	text, _ := j.Event.ResourceProperties[name].(string)
	return text
}

// physicalID returns the physical id of the resource, which never changes.
func (j *Job) physicalID() string {
	if j.Event.PhysicalResourceID != "" {
		return j.Event.PhysicalResourceID
	}
	if j.Event.ResourceType == OnAirType {
		return "on-air-" + j.property(ChannelProperty)
	}
	return "gate-" + j.Event.LogicalResourceID
}
