// Package mp4 reads an MP4 or QuickTime file (ISO/IEC 14496-12, 14496-14,
// 14496-15) into a [media.Asset]: which samples the file holds, where they lie,
// and when they are decoded and presented.
//
// [Open] works in four steps:
//
//   - a fileReader finds and loads the moov box, of a long one only the skeleton, and
//     newMovie reads it;
//   - selectTracks picks the tracks that a transport stream can carry;
//   - each track expands its sampleTable and the movie fragments, in one pass,
//     into 24 bytes a sample;
//   - an assembler applies the edit lists and asks the package of each codec
//     for its media.Coding.
//
// What recorders leave behind is mended on the way and noted: cut off fragments
// (fragment.go), joined recordings (join.go), samples without times (spread.go), other
// parameters from some sample on (changes.go). What only the container knows of
// pictures, and what is left out, is noted too (displaynotes.go, leftout.go).
//
// Open reads one sample of a track, or all of them if the coding needs the
// number of their NAL units. It looks at the first bytes of the first 16 pictures
// to see whether the file lists its random access points right (randomaccess.go);
// if it does not, at those of all. In the same way it looks at parameter sets in
// samples (survey.go). The package must not import net or mpegts.
//
// # Time
//
// A track without an edit list is presented from media time 0 on (8.6.6.1),
// even if its composition offsets make the first picture later: From is 0 and
// the first PTS is greater. If pictures are presented before media time 0 and no
// edit list hides them, From and Start are both the smallest PTS, which is then
// negative. A sample's time on the movie's timeline is always Start + (PTS − From).
//
// The end of the media is its smallest PTS plus the sum of its sample
// durations, so that a lap over all of it steps by the last sample's duration.
//
// # Trust
//
// Nothing in the file is believed before it is checked against the file's size:
// no count allocates more than 24 bytes for each byte of the file, nor, beyond 100
// MB, for each two bytes read of its index.
package mp4
