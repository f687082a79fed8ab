// Package service has the operations of MediaLive's API: what they check, what they
// change, and what they answer.
//
// A [Service] has one type for each family of operations: [Channels], [Inputs],
// [Groups], [Schedules], [Tags], [Account] and [Batch]. Their methods take and
// return the types of the AWS SDK, or take the id of a resource. A change is one
// transaction of package record and durable when the method returns; package
// supervisor then starts and stops channels. Results are shared: callers do not
// write to them.
//
// A call that is refused returns an [Error] with one of MediaLive's codes, which
// know their HTTP status. A [SourcePolicy] says which sources may be played.
//
// The package knows nothing else of HTTP; package api does the rest.
package service
