// Package function holds what the templates of a deployment and its functions must
// agree on: what the functions are called, their environment variables, and the types
// and properties of the custom resources. It imports nothing of LILO.
package function

import "time"

// The functions, which are one program.
const (
	Lifecycle = "lifecycle"
	Upload    = "upload"
	Watch     = "watch"
)

// Environment variables.
const (
	// Variable says which of the functions it is.
	Variable = "LILO_FUNCTION"
	// Machine is the ARN of the state machine (Lifecycle).
	Machine = "LILO_STATE_MACHINE"
	// AutoStart is "true" or "false" (Watch).
	AutoStart = "LILO_AUTO_START"
	// TTL is how long the channel may be on air, as in 8h0m0s, 0s for ever (Watch).
	TTL = "LILO_TTL"
	// Since names the parameter that holds since when the channel is on air (Watch).
	Since = "LILO_SINCE"
)

// Custom resources of Lifecycle. CloudFormation passes all properties as strings.
const (
	GateType  = "Custom::LiloGate"
	OnAirType = "Custom::LiloOnAir"

	ChannelProperty   = "ChannelId"        // the id of the channel (on-air)
	ParameterProperty = "ChannelParameter" // the SSM parameter that holds the id of the channel, if there is one (gate)
	AutoStartProperty = "AutoStart"        // "true" if the channel is to be started (on-air)
	SettingsProperty  = "Settings"         // a digest of the settings of the channel
	ClassProperty     = "ChannelClass"     // the class of the channel, if it must not change (gate)
	ScheduleProperty  = "Schedule"         // when the channel is on air, empty for always (on-air)
)

// What EventBridge Scheduler has the state machine do is written like a request for a
// custom resource of this type, which no template has.
const (
	ScheduleType   = "Custom::LiloSchedule"
	ScheduledStart = "Start"
	ScheduledStop  = "Stop"
)

// StepTimeout is how long a step of Lifecycle may take: the timeout of the function.
const StepTimeout = 10 * time.Second

// Custom resources of Upload.
const (
	// ObjectType is an object that is a copy of another.
	ObjectType = "Custom::LiloObject"
	// ContentsType is all objects of a bucket. It acts only when it is deleted.
	ContentsType = "Custom::LiloContents"

	FromBucketProperty = "FromBucket"
	FromKeyProperty    = "FromKey"
	BucketProperty     = "Bucket"
	KeyProperty        = "Key"
	// RetainProperty is "true" if objects outlive the stack.
	RetainProperty = "Retain"
)

// Unset is the value of the parameter of Since while the channel is off air. SSM permits no empty one.
const Unset = "-"
