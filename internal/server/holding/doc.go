// Package holding is the protocol by which the nodes of a fleet agree on who sends a
// pipeline.
//
// It is pure: no clock, no I/O. [Decide] looks at one pipeline as the store shows it and
// says what this node plays of it and which change it tries to make; [Fence] says until
// when a node may send at all. Both are asked again at every change, so nothing is lost
// if a node is killed between two of them.
//
// A pipeline's key in the store has a [Hold] as its value, and the lease of the node
// that holds it; it vanishes with the lease. All changes compare the key's revision: of
// two nodes that make one, one succeeds.
//
//   - Claim: nobody holds the pipeline and placement gives it to this node, so this node
//     writes its hold and plays. After the death of a node this is the take-over.
//   - Hand-over: placement gives the pipeline to another node. The holder offers it
//     ([Hold.Next]) and plays on. The other opens what it plays, then writes its own
//     hold, from an instant ([Hold.From]) that leaves the first one time to read it. The
//     first sends the packets that are due before that instant, the other those at or
//     after it. A channel is a function of time, so both know which packets these are,
//     whatever their clocks show. Until the hold is written, the first is the holder: it
//     does not matter if the other never does it.
//   - Release: the pipeline is no longer played, or this node lacks what it needs.
//
// A store that grants a lease for T drops it no sooner than T after it was last renewed.
// A node therefore sends until T after it last asked for a renewal that was granted, by
// its own monotonic clock, and for an overlap that covers how long a take-over takes. In
// the overlap two nodes may send one pipeline; their datagrams are identical.
//
// The tests run fleets of up to 200 nodes and 100,000 channels in virtual time, with
// lost nodes, racks and answers, old views and elections of the store. A seed that fails
// fails again:
//
//	LILO_SIM_SEEDS=42-42 go test ./internal/server/holding
package holding
