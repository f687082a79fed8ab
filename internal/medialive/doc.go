// Package medialive translates between a channel's spec and the documents of
// AWS Elemental MediaLive, with the SDK's own types.
//
// To MediaLive: [ChannelRequest] and [InputRequest] return what creates a
// channel and its input on AWS, [LocalChannelRequest] and [LocalInputRequest]
// what creates them at lilo serve.
//
// From MediaLive: [Read] returns the [Channel] that a document and its schedule
// describe, and lists every member that is not played as it says. [Check] and
// [CheckActions] return what MediaLive would refuse; [Complete] fills in its
// defaults.
//
// Settings that are copied as they are, but for a unit, come from the tables of
// packages channel and m2ts in both directions (put and take in mapping.go).
// What is structural is code: channel.go, video.go and audio.go write,
// read_*.go read, check*.go check. model.txt has what MediaLive demands of
// members, defaults.txt what it fills in; walk.go goes through the members.
//
// [Marshal], [Unmarshal], [Merge] and [Digest] do for SDK types what
// encoding/json cannot, because those types have no JSON tags.
//
// The package makes no requests and plays nothing: it imports no runtime package.
package medialive
