// Package mpeg2 carries MPEG-2 and MPEG-1 video of an MP4 file (ISO/IEC 13818-2 and
// 11172-2) in a transport stream. The samples are parts of the byte stream already;
// only the sequence header may be missing.
package mpeg2
