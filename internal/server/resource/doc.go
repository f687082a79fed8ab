// Package resource keeps the channels, inputs and input security groups of a
// server, as MediaLive would: their documents, their states, what is on air.
//
// A [Registry] acknowledges a call only when what it changed is on the disk.
// Every call is one transaction of the store. What follows from it (a channel
// that starts, stops, is deleted) is the work of one goroutine a channel,
// which takes it up again wherever a process that was killed left it: the
// state in the store says what is to be done, and a channel that was on air
// goes back on air in the same stream, since its epoch and its schedule are
// part of that state.
//
// Records are never changed once they are in the registry, but replaced; so
// what the registry returns may be read by anyone, and written to by no one.
package resource
