// Package console serves the web page on which people watch and control channels,
// and the requests that the page makes.
//
//   - [New] returns the [Console] of a [Backend], which `lilo run --http` and `lilo
//     serve` implement. If the backend is an [Operator], its channels can be changed.
//   - [Console.Run] samples the channels once a second: into the history, which the
//     charts show, and as an update to the hub, which streams it to the pages that
//     are open (server-sent events).
//   - state.go has what the pages show and the difference between two states,
//     handlers.go the requests, channel_info.go and sdp.go what a page shows of one
//     channel, assets.go the page's files, embedded from page/.
//
// The page has no framework and no build step: its scripts are ES modules, and
// app.js is the first of them.
package console
