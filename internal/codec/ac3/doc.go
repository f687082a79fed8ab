// Package ac3 carries AC-3 and Enhanced AC-3 (ETSI TS 102 366, ATSC A/52) in a
// transport stream as DVB does: private data with a descriptor (ETSI EN 300
// 468 annex D), each sample of the MP4 (TS 102 366 annex F) as it is.
package ac3
