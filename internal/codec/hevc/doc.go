// Package hevc carries HEVC of an MP4 file (ISO/IEC 23008-2 and 14496-15; hvc1 and
// hev1) in a transport stream: as a byte stream (annex B) with an access unit
// delimiter in every access unit (ISO/IEC 13818-1, 2.17.1).
//
// [New] parses the configuration record and returns a [Coding]. sps.go reads the
// sequence parameter set, level.go has the decoder buffer of each level, and
// picture.go says how pictures depend on each other.
package hevc
