// Package opus carries Opus audio (RFC 6716) in transport streams.
//
// Stream type, descriptors and the control header before each access unit are those
// of the mapping that ffmpeg writes and GStreamer reads, which no standard
// organization has published.
package opus
