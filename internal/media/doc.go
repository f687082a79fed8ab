// Package media is LILO's vocabulary for what a file holds: an [Asset] of
// [Track]s, each a list of [AccessUnit]s in decoding order, and the exact time
// they are measured in.
//
// Nothing here knows containers, transport streams, clocks or sockets. The
// packages on both sides of it meet here: internal/mp4 and internal/codec fill
// these types, internal/loop and internal/mpegts read them.
package media
