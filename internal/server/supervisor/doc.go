// Package supervisor makes what runs match what is stored.
//
// A [Supervisor] has one goroutine for each channel. It looks at the channel's
// record and does what its state asks for: STARTING, RUNNING and RECOVERING mean
// that the pipelines play, STOPPING that they end, CREATING, UPDATING and DELETING
// that the state is left once the work is done. There is no other list of jobs, so
// a process that was killed goes on where it was: the next one reads the same
// states. A channel that was on air goes back on air in the same stream, since its
// epoch and its schedule are part of the record.
//
// A [Target] is what a record says must run: one [player.Config] for each pipeline.
// A pipeline that cannot play is tried again for as long as the state asks for it,
// and has an alert meanwhile. Alerts are not stored: they follow from the records
// and from what runs.
//
// The package changes nothing in a record but the state. What clients may do is the
// matter of package service, which imports this one.
package supervisor
