// Package mp4 reads an MP4 or QuickTime file (ISO/IEC 14496-12, 14496-14,
// 14496-15) into a [media.Asset]: which samples it holds, where they lie, when
// they are decoded and presented.
//
// [Open] finds the moov box, picks the tracks that a transport stream can
// carry, expands their sample tables or movie fragments in one pass into 24
// bytes a sample, applies their edit lists, and hands each track's
// configuration to the package of its coding. Samples are not read, but for one
// a track, or all of them where the coding has to know how many NAL units they hold.
//
// # Time
//
// A track without an edit list is presented from media time 0 on, as clause
// 8.6.6.1 has it, even where its composition offsets make the first picture
// later than that: From is 0 and the first PTS is greater. Where pictures are
// presented before media time 0 and no edit list hides them, From and Start are
// both the smallest PTS, which is then negative. In every case a unit's time on
// the movie's timeline is Start + (PTS − From).
//
// The end of the media is its smallest PTS plus the sum of its sample
// durations, so that a lap over all of it steps by the last sample's duration.
//
// # Trust
//
// Nothing in the file is believed before it is checked against the file's size:
// no count allocates more than 24 bytes for each byte of the file.
package mp4
