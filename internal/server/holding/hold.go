package holding

import "time"

// Hold says who sends a pipeline. The zero Hold is nobody's: its key does not exist.
type Hold struct {
	// Node is the ID of the holder.
	Node string `json:"node"`
	// From is the instant of the stream at which the holder begins: it sends the packets
	// due at or after it. It is zero if the holder begins at once.
	From time.Time `json:"from,omitzero"`
	// Before is the node that sends the packets due before From.
	Before string `json:"before,omitempty"`
	// Next is the node to which the holder offers the pipeline.
	Next string `json:"next,omitempty"`
}

// View is what a node knows of a pipeline.
type View struct {
	Hold Hold
	// Renewed says that the hold's key has the node's present lease. It has not after a
	// restart of the node.
	Renewed bool
	// Wanted says that the pipeline is to be played.
	Wanted bool
	// Place is the node that placement gives the pipeline to, or empty.
	Place string
	// Opened says that this node can send the pipeline as soon as it may.
	Opened bool
	// Now is the clock that channels are sent by, which does not step.
	Now time.Time
}

// Decision is what a node does about a pipeline.
type Decision struct {
	// Open says that the node opens the pipeline, or keeps it open.
	Open bool
	// Send says that the node sends it: the packets due at or after From, unless that is
	// zero, and before Until, unless that is zero.
	Send        bool
	From, Until time.Time
	// Change says that the node writes Hold, with its lease, or deletes the key if Hold
	// is zero; all that only if the key has not changed since the view.
	Change bool
	Hold   Hold
}

// Decide says what the node self does about a pipeline. notice is how long before its
// instant a hand-over is agreed on; it is longer than a change takes to reach a node.
func Decide(self string, v View, notice time.Duration) Decision {
	h := v.Hold
	switch {
	case h.Node == "" && v.Wanted && v.Place == self:
		return Decision{Open: true, Change: true, Hold: Hold{Node: self}}
	case h.Node == self:
		return decideHeld(self, v)
	case h.Before == self && v.Now.Before(h.From.Add(notice)):
		// A sender may be late, so the pipeline stays open a little longer.
		return Decision{Open: true, Send: true, Until: h.From}
	case h.Next == self && v.Wanted && v.Opened:
		return Decision{Open: true, Change: true, Hold: Hold{Node: self, From: v.Now.Add(notice), Before: h.Node}}
	case h.Next == self && v.Wanted:
		return Decision{Open: true}
	}
	return Decision{}
}

// decideHeld is Decide for the holder.
func decideHeld(self string, v View) Decision {
	if !v.Wanted || v.Place == "" {
		return Decision{Change: true}
	}
	hold := v.Hold
	hold.Next = ""
	if v.Place != self && !v.Now.Before(hold.From) {
		hold.Next = v.Place
	}
	d := Decision{Open: true, Send: true, From: hold.From}
	if hold != v.Hold || !v.Renewed {
		d.Change, d.Hold = true, hold
	}
	return d
}
