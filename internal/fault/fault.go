// Package fault gives errors a kind, which says who can act on the error and is
// the exit code of the program (docs/reference/errors.md has the table).
//
// [New] returns an error of a kind, [Of] adds one to an existing error, and
// [KindOf] returns it, however the error was wrapped.
package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Kind classifies an error. Its number is the exit code of the program.
type Kind int

// The kinds of fault.
const (
	// Internal is every error without another kind.
	Internal Kind = 1
	// Usage is an invalid flag, argument or configuration.
	Usage Kind = 2
	// Source is a source that cannot be opened or read.
	Source Kind = 3
	// Media is a source that cannot be played: not an MP4, damaged, or of a coding that TS cannot carry.
	Media Kind = 4
	// Rate is a mux rate at which the stream would not be decodable.
	Rate Kind = 5
	// Destination is an address that does not resolve, a socket that cannot be opened, or an output that cannot be written.
	Destination Kind = 6
	// Changed is a source that changed while it was played.
	Changed Kind = 7
	// Stream is a received stream that is missing or has errors (monitor).
	Stream Kind = 8
	// Access is an AWS account without access: no credentials, expired ones, or a missing permission.
	Access Kind = 9
	// Tool is a required program that is missing or fails: Node.js, the CDK, Go.
	Tool Kind = 10
	// Deploy is a failed deployment: a resource that failed, an exhausted quota, a channel that does not start.
	Deploy Kind = 11
	// Declined is a question that was answered with no, or that nobody could answer.
	Declined Kind = 12
	// State is a state of a server that is damaged, or missing beside its copy.
	State Kind = 13
)

type kinded struct {
	kind Kind
	err  error
}

func (e *kinded) Error() string { return e.err.Error() }
func (e *kinded) Unwrap() error { return e.err }

// New returns an error of a kind. The text says what happened, where, and what to
// do about it, on one line. format and args are those of fmt.Errorf, including %w.
func New(kind Kind, format string, args ...any) error {
	return &kinded{kind, fmt.Errorf(format, args...)}
}

// Of returns err with a kind, or unchanged if it is nil or has a kind already.
func Of(kind Kind, err error) error {
	if _, ok := errors.AsType[*kinded](err); ok || err == nil {
		return err
	}
	return &kinded{kind, err}
}

// KindOf returns the kind of the outermost fault in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	if k, ok := errors.AsType[*kinded](err); ok {
		return k.kind
	}
	return Internal
}

// Reason returns what the system reports in err, without the operation and the
// path or address, for a message that names those itself.
func Reason(err error) error {
	if s, ok := errors.AsType[*os.SyscallError](err); ok {
		return s.Err
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
