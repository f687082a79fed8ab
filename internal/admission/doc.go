// Package admission bounds what a process takes to open sources: how many it opens at
// once, and how much memory. What does not fit waits for its turn, or is refused with
// an error that says so, instead of ending the process.
//
// A [Control] gives turns. [Control.Enter] waits for one and reserves memory for it;
// [Control.Room] is asked again while an index is read, whose size nobody knows
// before. It knows nothing of sources. Package player asks it, package server makes it.
package admission
