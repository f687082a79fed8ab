// Package media is the vocabulary of what a source holds: an [Asset] has [Track]s,
// a track is a list of [AccessUnit]s in decoding order with a [Coding], and a
// [Reader] reads their samples. Times are exact: [Rational], [Ticks] and [MulDiv].
//
// The package knows no container, transport stream, clock or socket and imports
// nothing of LILO. Packages mp4 and codec fill these types; loop, mpegts, cmaf and
// hls read them.
package media
