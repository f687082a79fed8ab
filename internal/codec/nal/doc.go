// Package nal holds what H.264 and HEVC have in common: the NAL units of the
// samples of an MP4 file (ISO/IEC 14496-15), parameter sets, and bit syntax.
//
// A coding parses its decoder configuration record into a [Record] of parameter
// sets. [Record.ByteStream] makes the [ByteStream] of a track, which turns samples
// into access units of a byte stream (ISO/IEC 14496-10 and 23008-2, annex B).
// [Units] iterates over the NAL units of a sample, and a [BitReader] reads a unit.
package nal
