package lifecycle

import (
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"github.com/lilo-live/lilo/internal/aws/function"
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
	Event    cfn.Event `json:"event"`
	Phase    Phase     `json:"phase,omitempty"`
	Since    time.Time `json:"since,omitzero"`     // when the phase began
	Channel  string    `json:"channel,omitempty"`  // the id of the channel, empty while unknown
	Resume   bool      `json:"resume,omitempty"`   // the channel was on air when it was stopped for an update
	Seen     bool      `json:"seen,omitempty"`     // the state of the channel was read in this phase
	Starts   int       `json:"starts,omitempty"`   // how often MediaLive accepted a start
	Answered bool      `json:"answered,omitempty"` // CloudFormation has its answer
	Done     bool      `json:"done"`               // nothing is left to do
	Wait     int       `json:"wait"`               // the pause before the next step, in seconds
	Failure  *Failure  `json:"failure,omitempty"`  // why the state machine could not run a step
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
	if j.Event.ResourceType == function.OnAirType {
		return "on-air-" + j.property(function.ChannelProperty)
	}
	return "gate-" + j.Event.LogicalResourceID
}
