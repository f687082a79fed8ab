// Package mpa carries MPEG audio, layers I, II and III (ISO/IEC 11172-3, and
// ISO/IEC 13818-3 for the low sample rates), in a transport stream: a sample
// of an MP4 is a frame as it is.
package mpa
