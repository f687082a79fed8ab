// Package supervisor makes what runs match what is stored.
//
// A [Supervisor] has one goroutine for each channel (runtime.go), and one for each
// pipeline that plays (pipeline.go). The channel's goroutine does what the state in the
// channel's record asks for: in STARTING, RUNNING and RECOVERING it plays the
// pipelines; in CREATING, UPDATING, STOPPING and DELETING it moves the channel on once
// the work is done. There is no other list of jobs, so a new process continues where a
// killed one was. A channel that was on air goes back on air in the same stream, since
// its epoch and its schedule are part of the record.
//
// A [Target] is what a record says must run: one [player.Config] for each pipeline.
// A pipeline that cannot play is retried while the state asks for it, and has an alert
// meanwhile. Alerts are not stored: they follow from the records and from what runs.
//
// The package changes only the state in a record. Package service, which imports this
// one, decides what clients may do.
package supervisor
