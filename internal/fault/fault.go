// Package fault sorts errors by whose move it is, so that a program can tell
// them apart by the exit code (docs/reference/errors.md has the table).
package fault

import (
	"errors"
	"fmt"
)

// Kind is the sort of a fault. Its number is the exit code of the program.
type Kind int

// The kinds of fault.
const (
	// Internal is everything that has no kind of its own.
	Internal Kind = 1
	// Usage is a flag, an argument or a configuration that cannot be meant so.
	Usage Kind = 2
	// Source is a source that cannot be opened or read.
	Source Kind = 3
	// Media is a source that was read and cannot be played: not an MP4, damaged, a coding TS cannot carry.
	Media Kind = 4
	// Rate is a mux rate at which the stream would not be decodable.
	Rate Kind = 5
	// Destination is an address that does not resolve or a socket that cannot be opened.
	Destination Kind = 6
	// Changed is a source that changed while it was played.
	Changed Kind = 7
	// Stream is a received stream that does not come or has errors (monitor).
	Stream Kind = 8
	// Access is an AWS account that does not let us in: no credentials, expired ones, a right that is missing.
	Access Kind = 9
	// Tool is a program that a command needs and that is missing or fails: Node.js, the CDK, Go.
	Tool Kind = 10
	// Deploy is what AWS could not do: a resource that failed, a quota that is used up, a channel that does not start.
	Deploy Kind = 11
	// Declined is a question that was answered with no, or that nobody was there to answer.
	Declined Kind = 12
)

type kinded struct {
	kind Kind
	err  error
}

func (e *kinded) Error() string { return e.err.Error() }
func (e *kinded) Unwrap() error { return e.err }

// New returns an error of that kind. The text says what, where and what to do
// about it, on one line; format and args are those of fmt.Errorf, %w included.
func New(kind Kind, format string, args ...any) error {
	return &kinded{kind, fmt.Errorf(format, args...)}
}

// Of returns err with that kind, or as it is when it has a kind already.
func Of(kind Kind, err error) error {
	if _, ok := errors.AsType[*kinded](err); ok || err == nil {
		return err
	}
	return &kinded{kind, err}
}

// KindOf returns the kind of the outermost fault in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	if k, ok := errors.AsType[*kinded](err); ok {
		return k.kind
	}
	return Internal
}
