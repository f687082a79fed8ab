// Package avc carries H.264 of an MP4 file (ISO/IEC 14496-10 and 14496-15; avc1 and
// avc3) in a transport stream: as a byte stream (annex B) with an access unit
// delimiter in every access unit (ISO/IEC 13818-1, 2.14.1).
//
// [New] parses the configuration record and returns a [Coding]. sps.go reads the
// sequence parameter set, level.go has the decoder buffer of each level, and
// picture.go says how pictures depend on each other.
package avc
