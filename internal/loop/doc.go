// Package loop is the arithmetic of laps: which access unit plays, and when.
//
// A [Loop] is a function of time alone. Lap n begins at n·L after the epoch,
// where L, the [Loop.Length], is exact; nothing is carried over from one lap
// to the next, so that the ten-millionth lap costs what the first one does.
//
//   - [Video] is the picture of one lap: it begins with a random access point,
//     ends where the file ends, and repeats with the steps of the file's own
//     sample durations.
//   - [Audio] is one track of sound. Its access units lie on one grid from the
//     epoch on, which laps do not interrupt: a lap takes ⌊L ÷ D⌋ or ⌈L ÷ D⌉ of
//     them, where D is what a unit lasts, and stays within D/2 of its place.
package loop
