// Package nal holds what H.264 and HEVC have in common: NAL units in samples
// of an MP4 (ISO/IEC 14496-15), the same units as a byte stream (Annex B of
// ISO/IEC 14496-10 and 23008-2), and the bits within them.
package nal
