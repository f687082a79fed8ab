// Package mpa carries MPEG audio, layers I, II and III (ISO/IEC 11172-3; ISO/IEC
// 13818-3 for the low sample rates), in a transport stream. A sample of an MP4 file
// is a frame, which is carried as it is.
package mpa
