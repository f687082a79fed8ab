// Package lifecycle starts and stops a channel for CloudFormation.
//
// Two custom resources frame the channel. The gate comes before it: it stops the
// channel before its settings change, since MediaLive changes only idle channels
// (stop_before_update.go). On-air comes after it: it starts the channel after it was
// created or changed, and stops it before it is deleted (on_air.go).
//
// A schedule starts and stops the channel by the same steps (schedule.go).
//
// A channel takes minutes to start and stop, so that no function can wait for it.
// [Lifecycle.Handle] passes a [Job] to a state machine, which calls it again for
// each step (step.go) until the job is done. A step depends only on the job and on
// the state of the channel, the stack and the other jobs, so that it can be lost and
// repeated. A job that stops the channel first ends those that may start it
// (executions.go).
package lifecycle
