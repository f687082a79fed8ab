package placement

import "github.com/lilo-live/lilo/internal/media"

// RackLabel is the label of nodes that fail together: a rack, a power supply, a zone.
const RackLabel = "rack"

// Node is a machine that plays pipelines.
type Node struct {
	// ID names the node. No two nodes have the same.
	ID string
	// Capacity is the sum of rates that the node sends at most. With 0 it holds nothing.
	Capacity media.BitRate
	// Interfaces are the network interfaces that destinations may name.
	Interfaces []string
	// Folders are those whose files the node sees, "/" for all.
	Folders []string
	Labels  map[string]string
	// Draining says that the node gives away what it holds.
	Draining bool
	// Refuses is why the node takes nothing more, in words that follow its ID; it keeps
	// what it holds. It is empty if the node takes pipelines.
	Refuses string
}

// Key names a pipeline of a channel.
type Key struct {
	Channel  string
	Pipeline int // 0 or 1
}

// Pipeline is what a node plays of a channel.
type Pipeline struct {
	Key
	// Rate is the rate of all that the pipeline sends.
	Rate  media.BitRate
	Needs Needs
	// Holder is the ID of the node that holds the pipeline now, or empty.
	Holder string
}

// Needs is what a node must have to hold a pipeline.
type Needs struct {
	Labels     map[string]string
	Interfaces []string
	// Files are absolute paths of files that are read.
	Files []string
}

// Place is where a pipeline goes.
type Place struct {
	// Node is empty if no node can hold the pipeline.
	Node string
	// Reason says why no node can, or why the node keeps the pipeline although it drains
	// or lacks capacity. It is empty otherwise.
	Reason string
}
