// Package lifecycle brings a channel on air and off air for CloudFormation.
//
// Two custom resources frame the channel. The gate comes before it: when the
// channel's settings change, it takes the channel off air, since MediaLive
// changes idle channels only. On-air comes behind it: it starts the channel when
// it was created or changed, and stops it before it is deleted.
//
// A channel takes minutes to start and stop, so nothing waits here. The function
// hands a [Work] to a state machine, which calls it again for each step until it
// is done. All that a step knows is in the work and in what MediaLive says of the
// channel, so a step can be lost and repeated.
package lifecycle
