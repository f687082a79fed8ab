// Package media is the vocabulary of what a source holds: an [Asset] has [Track]s,
// a track is a list of [AccessUnit]s in decoding order with a [Coding], and a
// [Reader] reads their samples. Times are exact: [Rational], [Ticks] and [MulDiv].
//
// The package reads no container, writes no stream, and has no clock and no socket.
// A [Coding] says how transport streams and HLS carry it. The package imports nothing
// of LILO. Packages mp4 and codec fill these types; loop, mpegts, cmaf and
// hls read them.
package media
