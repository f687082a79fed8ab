package channel

import "time"

// AWS is what a channel needs to know besides to be deployed on AWS. The seed's
// variables are among it; all names of a deployment derive from them.
type AWS struct {
	// Region is the AWS region, such as eu-west-1.
	Region string
	// Stack, Customer and Project name the deployment.
	Stack, Customer, Project string
	// AutoStart has the channel start as soon as it is there.
	AutoStart bool
	// Standard makes the channel one of two pipelines (STANDARD); destinations
	// come in pairs then: the first of pipeline 0, the second of pipeline 1, and so on.
	Standard bool
	// TTL stops a channel that has run for so long; 0 never does.
	TTL time.Duration
	// LogLevel is DISABLED, ERROR, WARNING, INFO or DEBUG.
	LogLevel string
	// FEC is the forward error correction of SMPTE 2022-1; nil sends none.
	FEC *FEC
	// Boundary is the ARN of a permissions boundary for the roles; empty sets none.
	Boundary string
}

// FEC is a matrix of SMPTE 2022-1, in the words of MediaLive's FecOutputSettings.
type FEC struct {
	// IncludeFec is COLUMN or COLUMN_AND_ROW.
	IncludeFec string
	// ColumnDepth is 4 to 20, RowLength 1 to 20 (4 to 20 with rows).
	ColumnDepth, RowLength int
}
