// Package aac carries AAC of an MP4 (ISO/IEC 14496-14, AudioSpecificConfig and
// raw data blocks) in a transport stream as ADTS (ISO/IEC 13818-7 6.2,
// ISO/IEC 14496-3 1.A.2.2).
//
// HE-AAC travels with implicit signalling: ADTS names the core's object type
// and sample rate, a decoder finds the band replication in the fill elements.
// All times therefore count the core's samples.
package aac
