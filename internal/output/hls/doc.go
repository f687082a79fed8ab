// Package hls publishes a channel over HTTP Live Streaming (RFC 8216 and its
// revision draft-pantos-hls-rfc8216bis). Unlike an output, it sends
// nothing: playlists and segments are functions of time, made on request, so any
// process that is given the same entries answers the same.
//
// A [SegmentedLoop] is a loop cut into segments. A [Timeline] says which loops a
// channel plays and when; it numbers their segments and writes the playlists. A
// [Renderer] renders segments, caches the most recently used, and serves timelines over
// HTTP. Package mpegts or cmaf writes the bytes of a segment.
package hls
