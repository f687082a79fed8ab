// Package monitor measures an MPEG transport stream as ETSI TR 101 290 does,
// from a network as it arrives or from a file.
//
// [Analyzer] does all the measuring. It has no clock and no socket, so that the
// same bytes and arrival times always give the same [Report]. [Measure] feeds it
// from a network or a file, and [Report.WriteText] formats the result. A
// [reconstruction] makes one stream of several legs first (SMPTE 2022-7).
//
// A [synchronizer] splits the bytes into packets, and every packet passes
// two stages. The first measures at once what needs no time: synchronisation,
// continuity, tables (psi.go) and clock references (clock.go). The packet then
// waits in a queue for the next PCR, because only that gives the bytes before
// it their times. The second stage (queued.go) measures timestamps (stream.go,
// audiostream.go) and the buffers of the target decoder (tstd.go,
// systembuffers.go) with the exact time of each byte. network.go measures
// datagrams and RTP. Every error is counted in errorCounts, under a
// check of check.go.
//
// The package parses transport streams, parameter sets and audio frames with
// code of its own and with libraries. It must not import mpegts, playout or
// codec: it judges what they produce, and would share their mistakes.
package monitor
