package medialive

import "github.com/lilo-live/lilo/internal/channel"

// Channel is a channel document in the engine's words.
type Channel struct {
	// Pipelines are one spec, or two that differ in their destinations alone. Their epochs are zero.
	Pipelines []channel.Spec
	// Schedules are theirs, one each.
	Schedules []channel.Schedule
	// Once has the first source played a single time (sourceEndBehavior CONTINUE).
	Once bool
	// Unsupported is what the document asks for and the engine cannot do.
	Unsupported []Unsupported
}

// Unsupported is one setting that is not played as it says.
type Unsupported struct {
	// Path is where it stands, as in a 422: /encoderSettings/outputGroups/0/….
	Path string
	// Text says what becomes of it, for people.
	Text string
}
