package medialive

import "github.com/lilo-live/lilo/internal/channel"

// Programme is a channel document in the engine's words.
type Programme struct {
	// Pipelines are one spec, or two that differ in their destinations alone. Their epochs are zero.
	Pipelines []channel.Spec
	// Schedules are theirs, one each.
	Schedules []channel.Schedule
	// Once has the first source played a single time (sourceEndBehavior CONTINUE).
	Once bool
	// Unhonoured is what the document asks for and the engine cannot do.
	Unhonoured []Unhonoured
}

// Unhonoured is one setting that is not played as it says.
type Unhonoured struct {
	// Path is where it stands, as in a 422: /encoderSettings/outputGroups/0/….
	Path string
	// Text says what becomes of it, for people.
	Text string
}
