// Package mpeg2 carries MPEG-2 and MPEG-1 video of an MP4 (ISO/IEC 13818-2 and
// 11172-2) in a transport stream. The samples are pieces of the byte stream
// already; all they may lack is the sequence header.
package mpeg2
