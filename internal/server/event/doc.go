// Package event tells others what happens to channels, in the form that
// EventBridge gives MediaLive's events: a log, a webhook, an event bus.
//
// An [Event] that is put on a [Bus] goes to each of its sinks at least once,
// in order, however long a sink needs; nobody who tells of an event waits.
// What a sink cannot take for so long that its queue is full is dropped and counted.
package event
