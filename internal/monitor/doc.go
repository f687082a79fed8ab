// Package monitor measures a transport stream as ETSI TR 101 290 does: from a
// network, as it arrives, or from a file.
//
// [Analyzer] is the whole of the measuring, and pure: it has no clock and no
// socket, so the same bytes and times always give the same [Report]. [Receive]
// and [ReadFile] bring it the bytes.
//
// Every packet takes two paths. The first sees it at once: synchronisation,
// continuity, tables and clock references need no time. It then waits in a
// queue for the next clock reference, because only that says how fast the
// bytes before it came; the second path sees it with the exact time of each
// byte, and measures timestamps and the buffers of the target decoder.
//
// The package reads transport streams with code of its own. It judges what
// this program multiplexes, and a judge that shared the multiplexer's code
// would share its mistakes.
package monitor
