// Package placement decides which node of a fleet plays which pipeline.
//
// [Assign] is a pure function of the nodes, the pipelines and who holds them, so every
// node of a fleet that sees one revision of the store finds the same answer. It has
// neither clock nor I/O, and computes with integers, so that all architectures agree.
//
//   - What is held stays where it is, unless it must move: its node is gone, drains, has
//     less capacity than before, or no longer has what the pipeline needs.
//   - A pipeline that nobody holds goes to the first node of its order that has room. The
//     order is its own: nodes ranked by a hash of pipeline and node, weighted by capacity
//     (rendezvous hashing). A node takes up to a tenth more than its share of all rates
//     while others have room (bounded load), and never more than its capacity.
//   - A node below nine tenths of its share, such as one that joins, is given pipelines
//     that rank it higher than the node that holds them. A node above eleven tenths gives
//     away what it can.
//   - The pipelines of a channel never share a node. They share a rack ([RackLabel]) only
//     where no other has room.
//   - What no node can hold has a reason.
package placement
