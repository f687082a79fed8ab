// Package player plays channels. The commands run, serve and render and the
// benchmarks all play through it.
//
//   - An input is an opened source with its lap and its multiplex. All channels
//     of a [Player] that play the same source share its open file, its index
//     and its lap, and those with the same settings its multiplex too.
//   - A part of a source (clipping.go) has a lap of its own, and shares the index.
//   - A [Playlist] plays entries, each one input from its beginning, as one
//     transport stream from the epoch on. Most channels have a single entry.
//     Which packet is which follows from the entries alone, so a playlist can be
//     read from any packet on. [Open] makes one to render or to inspect.
//   - A [Player] sends the playlists of its channels when they are due.
//     [Player.Start] opens what a [Config] needs, the playlist and the outputs,
//     and hands both to the scheduler of package playout.
//   - A [Channel] is a playlist on air: it can be rescheduled, paused, watched as
//     HLS and stopped.
//
// [Probe] reports on a source without playing it.
//
// A new kind of playlist, such as a list of files, turns its contents into a
// [channel.Schedule], which [Config] takes: nothing here changes for it.
//
// The package must not import internal/server or internal/cli.
package player
