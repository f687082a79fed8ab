// Package clocksync tells how right this machine's clock is.
//
// Nodes of a fleet send the packets of a channel by their own clocks. Where a channel
// moves from one node to another, its receivers see the difference of the two clocks as
// a gap or a burst, which their buffers must take.
//
// [Read] asks chrony, where it runs, and the kernel, whose clock NTP and PTP daemons
// keep, how far the clock is from its reference. [Exchange] measures how far it is from
// another node's, with four readings as in NTP. [Judge] says whether the clock is wrong.
package clocksync
