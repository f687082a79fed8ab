// Package event announces what happens to channels, in the form of MediaLive's
// events on EventBridge.
//
// An [Event] is put on a [Bus], which delivers it to each of its [Sink]s: a [Log],
// a [Webhook], a [Bridge] to EventBridge. While the server runs, delivery is in order
// and at least once: a queue retries with growing pauses (retry.go), and [Bus.Emit]
// never blocks. An event is lost only when a queue is full, which is counted, or when it
// cannot be delivered at shutdown.
//
// The package must not import other packages of the server.
package event
