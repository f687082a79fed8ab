// Package event announces what happens to channels, in the form of MediaLive's
// events on EventBridge.
//
// An [Event] is put on a [Bus], which delivers it to each of its [Sink]s: a [Log],
// a [Webhook], a [Bridge] to EventBridge. Delivery is in order and at least once, however
// long a sink takes, and [Bus.Emit] never blocks. A sink whose queue is full loses
// events, which are counted.
//
// The package must not import other packages of the server.
package event
