// Package variable names the environment variables that tell the functions what they are.
package variable

// The variables.
const (
	// Function says which of the functions it is.
	Function = "LILO_FUNCTION"
	// Machine is the ARN of the state machine (Lifecycle).
	Machine = "LILO_STATE_MACHINE"
	// AutoStart is "true" or "false" (Watch).
	AutoStart = "LILO_AUTO_START"
	// TTL is how long the channel may be on air, as in 8h0m0s, 0s for ever (Watch).
	TTL = "LILO_TTL"
	// Since names the parameter that holds since when the channel is on air (Watch).
	Since = "LILO_SINCE"
)

// The functions.
const (
	Lifecycle = "lifecycle"
	Upload    = "upload"
	Watch     = "watch"
)
