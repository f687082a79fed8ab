// Package service has the operations of MediaLive's API: what they check, what they
// change, and what they answer.
//
// A [Service] has one type for each family of operations: [Channels], [Inputs],
// [Groups], [Schedules], [Tags], [Account] and [Batch]. Their methods take and
// return the types of the AWS SDK, or the id of a resource. A method that changes
// something does so in one transaction of package record and returns once that is
// durable; what follows from it, a channel that starts or stops, is the work of
// package supervisor. What it returns may be read by anyone and written to by no one.
//
// A call that was refused returns an [Error] with one of MediaLive's codes, which
// know their HTTP status. A [SourcePolicy] says which sources may be played.
//
// The package knows nothing of HTTP but those statuses; package api does the rest.
package service
