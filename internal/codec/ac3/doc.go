// Package ac3 carries AC-3 and Enhanced AC-3 (ETSI TS 102 366, ATSC A/52) in a
// transport stream as DVB does: as private data with a descriptor (ETSI EN 300 468,
// annex D). A sample of an MP4 file (TS 102 366, annex F) is carried as it is.
//
// A sample consists of syncframes of one or more substreams. [New] and
// [NewEnhanced] parse those of the first sample; every later one must have the same
// formats. Silence is generated in the same formats.
package ac3
