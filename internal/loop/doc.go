// Package loop is the arithmetic of laps: which access unit plays, and when.
//
// A [Loop] is one lap of an asset. Lap n begins at exactly n·L, where L is
// [Loop.Length]; nothing is carried from lap to lap, so that the ten-millionth
// lap is computed like the first.
//
//   - [Video] is the video of a lap: it begins with the random access point from
//     which all pictures of the edit can be decoded (first_picture.go), ends with the last
//     of them, and repeats with the file's own sample durations. Pictures that would
//     collide where laps meet are moved apart (separate.go), and H.264 that has no IDR
//     picture to begin with numbers its pictures on from lap to lap (lap_count.go).
//   - [Audio] is an audio track. Its access units lie on one sample grid that laps
//     do not interrupt (audio_grid.go): a lap has ⌊L ÷ D⌋ or ⌈L ÷ D⌉ of them, where D is the
//     duration of a unit, and plays each within D/2 of its place in the file.
//   - [Clipping] is a part of an asset that loops by itself.
//   - [Segment] is a stretch of a loop; it may span several laps.
//
// The package computes: it has no goroutine, no clock and no I/O except reading
// the samples a lap may begin with.
package loop
