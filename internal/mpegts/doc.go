// Package mpegts is the multiplex: it plans a lap as a constant-rate MPEG
// transport stream (ISO/IEC 13818-1) and writes any packet of it, at any time.
//
// A [Plan] is made once for a loop and a rate, and is immutable. It divides a
// lap into slots, one for each packet, and says who has which:
//
//   - System packets, the PCR and the PSI, have the same slots in every lap.
//   - Each PES packet of sound is spread evenly over the time just before it is
//     played. As sound lies on a grid of its own, its slots move from lap to
//     lap, by less than one access unit.
//   - Pictures take the slots that are left, in order, as early as the system
//     target decoder has room for them.
//   - What nobody wants is a null packet.
//
// A lap is cut into blocks of a few seconds. How many video packets have been
// sent when a block begins is the same in every lap, and the plan is proven to
// hold for the worst place sound may have. So any packet is found by replaying
// at most one block: nothing depends on how long the channel has been playing.
//
// A [Muxer] writes the packets of a plan, one after another or from any packet on.
package mpegts
