// Package mpegts multiplexes a loop into an MPEG transport stream of constant
// rate (ISO/IEC 13818-1) and writes any packet of it at any time.
//
// [New] makes a [Plan] of a loop, once for each rate and layout. A plan divides
// a lap into slots, one for each packet, and assigns them:
//
//   - PCR, PAT, PMT and SDT have the same slots in every lap (system_timetable.go).
//   - An audio PES packet is spread evenly over the time just before its
//     presentation. Audio lies on a sample grid that laps do not interrupt, so
//     its slots move from lap to lap, by less than an access unit.
//   - Video takes the free slots in decoding order, as early as the decoder's
//     buffers have room (T-STD, 2.4.2; schedulability.go).
//   - Null packets fill the rest.
//
// A lap is cut into blocks of a few seconds. The number of video packets sent
// when a block begins is the same in every lap, and a plan is used only if it is
// schedulable for the worst position of the audio. A packet is therefore found
// by replaying at most one block, however long the channel has been playing.
//
// planner.go searches for the smallest rate. An [Entry] plays a plan from some instant of a stream on; [Entry.Switch]
// computes the entry that follows. A [Muxer] writes the packets of an entry.
// [Segments] writes the same loop as segments for HTTP Live Streaming, and
// [WholeUnitWriter] ends a recording between access units.
//
// The package computes: it has no goroutine, no clock and no I/O except reading
// samples from the asset.
package mpegts
