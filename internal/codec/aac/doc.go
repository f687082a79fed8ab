// Package aac carries AAC of an MP4 file (ISO/IEC 14496-14: AudioSpecificConfig and
// raw data blocks) in a transport stream as ADTS (ISO/IEC 13818-7, 6.2; ISO/IEC
// 14496-3, 1.A.2.2).
//
// HE-AAC is signalled implicitly: ADTS has the core's object type and sample rate,
// and decoders find the band replication in the fill elements. All times therefore
// count the core's samples.
//
// [New] parses the descriptor and returns a [Coding]. config.go reads the
// AudioSpecificConfig, adts.go writes the header, and silence.go the frame that
// [Coding.Silence] returns.
package aac
