package clocksync

import (
	"fmt"
	"slices"
	"time"
)

// Peer is another node's clock as this node sees it.
type Peer struct {
	// Offset is by how much the other clock is ahead of this one.
	Offset time.Duration
	// Error is by how much Offset may be wrong.
	Error time.Duration
	// Synchronized says that the other clock has a reference.
	Synchronized bool
}

// Exchange compares two clocks by a question and its answer: when the question was sent
// and the answer received, by this clock, and when the other received and answered it,
// by its own (RFC 5905, 8).
func Exchange(sent, arrived, answered, received time.Time) Peer {
	delay := received.Sub(sent) - answered.Sub(arrived)
	return Peer{Offset: (arrived.Sub(sent) + answered.Sub(received)) / 2, Error: delay.Abs() / 2}
}

// Judge says why this clock must not send what others sent before, in words that follow
// "the clock " or "", which says that it may. bound is the offset that receivers'
// buffers take.
//
// A clock is wrong if it is too far from its reference. Without one, it is wrong if it
// is too far from peers that have one, or, where none has, from the most: with one such
// peer nobody knows whose fault it is, so both go on.
func Judge(s State, peers []Peer, bound time.Duration) string {
	if s.Synchronized {
		if wrong := s.Offset - s.Error; wrong > bound {
			return fmt.Sprintf("is %v from its reference, of which %s knows, and receivers take %v", s.Offset.Round(time.Millisecond), s.Source, bound)
		}
		return ""
	}
	withReference := slices.DeleteFunc(slices.Clone(peers), func(p Peer) bool { return !p.Synchronized })
	whose := "nodes with a reference"
	if len(withReference) == 0 {
		if len(peers) < 2 {
			return ""
		}
		withReference, whose = slices.Clone(peers), "most nodes"
	}
	slices.SortFunc(withReference, func(a, b Peer) int { return int(min(max(a.Offset-b.Offset, -1), 1)) })
	middle := withReference[len(withReference)/2]
	if middle.Offset.Abs()-middle.Error <= bound {
		return ""
	}
	way := "behind"
	if middle.Offset < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("is %v %s that of %s, and receivers take %v", middle.Offset.Abs().Round(time.Millisecond), way, whose, bound)
}
