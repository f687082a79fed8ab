// Package timecode computes with the time codes that elementary streams hold: those of
// MPEG-2's groups of pictures, and of the picture timing of H.264 and HEVC. In a stream
// that repeats they would tell where a lap ends; [Counter.Follow] makes them run on.
package timecode
