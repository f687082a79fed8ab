// Package encode makes a mezzanine of a source: the same pictures and sound,
// encoded once by ffmpeg so that they loop, and kept in the cache.
//
// A mezzanine is an MP4 of exactly one lap. Its pictures are cut out of an
// encoding that went on before and behind the lap, so that the encoder's rate
// control is in the same state at both ends. Its sound is encoded around the
// seam; docs/encoding.md says how.
package encode
