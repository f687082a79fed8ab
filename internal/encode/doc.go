// Package encode makes a mezzanine of a source: the same pictures and sound,
// encoded once by ffmpeg so that they loop, and kept in the cache.
//
// [OpenMezzanine] replaces an opened source with its mezzanine. [Make] returns the
// mezzanine of a [Job] from the cache, waits for a process that is making it,
// or makes it:
//
//   - findFFmpeg finds ffmpeg and ffprobe; probe asks ffprobe about the source;
//   - a plan holds every decision, and ffmpeg's arguments follow from it
//     (video.go, codec_args.go, audio.go);
//   - a builder runs ffmpeg, cuts exactly one lap out of its output, and writes
//     that as a movie.
//
// The lap's pictures are cut from an encoding that starts before the lap and
// ends after it, so the encoder's rate control is in the same state at both
// ends. Its sound is encoded across the boundary between two laps.
// docs/explanation/encoding.md explains how.
//
// The package must not import mpegts: it makes an MP4.
package encode
