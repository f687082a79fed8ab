// Package fleet has several servers share channels through etcd.
//
// Each server is a node. [Fleet.Run] registers it under a lease, which it keeps alive,
// and follows what the others do. At each change every node computes, by package placement, which
// node plays which pipeline, and by package holding, what it does about it itself; that it tells
// the supervisor. A node that dies loses its lease and with it its keys, so another node takes
// over. Since a channel is a function of time, it needs nothing more than the record that all
// nodes have.
//
// Below the prefix of the store, fleet/nodes/NODE has a [Node], fleet/holds/CHANNEL/PIPELINE a
// [holding.Hold], and fleet/reports/CHANNEL/PIPELINE/NODE what the others are told of a
// pipeline, all three under the lease of the node, as is fleet/clocks/NODE, by which nodes
// compare their clocks. fleet/drains/NODE exists while somebody asks the node to give away what
// it holds. fleet/restarts/CHANNEL/PIPELINE is set to have a pipeline restarted. fleet/secret
// is what nodes show to each other when one passes on a request of a client.
package fleet
