// Package cmaf writes one track of a loop as fragmented MP4 (ISO/IEC 14496-12
// in the form of CMAF, ISO/IEC 23000-19): [Track.Header] once, then one fragment
// per segment. A segment is a function of the loop and its [loop.Segment]; any
// segment of any lap can be written without the others.
//
// [NewVideo] and [NewAudio] return a [Track]. [Track.Append] writes a
// fragment, which package hls serves. The package must not import time, net or package mp4.
package cmaf
