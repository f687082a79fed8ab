// Package mpeg4 carries MPEG-4 part 2 video (ISO/IEC 14496-2) in transport streams,
// as Xvid, DivX and old phones have it. The headers that an MP4 file keeps in its
// sample entry precede every random access point.
package mpeg4
