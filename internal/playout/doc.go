// Package playout sends channels when their packets are due. It knows packets
// and instants, and neither pictures nor files.
//
// A [Scheduler] plays any number of channels, each a [Stream] with its outputs.
// Channels of one pacing share wake-ups: the timetable holds them in groups
// whose trains leave at the same instants. A sender claims the groups that are
// due. Where few channels play, it also reads streams ahead, in the same wake-up;
// where many do, a second sender reads, and sends what the first is late for.
// Each channel has a ring with the packets that its reader has read; readers that
// run low wait in the read queue.
// What is overdue by more than a channel's tolerance is skipped and counted (skip.go).
//
// Time comes from a [Clock], which agrees with the wall clock when it is made
// and runs evenly from then on. README.md holds the measurements behind the
// design.
package playout
