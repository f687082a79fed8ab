package aws

import (
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Event is a change of a resource of a stack or of a stack nested in it.
type Event struct {
	At     time.Time `json:"at"`
	Path   string    `json:"resource"` // mediaservices/Channel, or the name of the root stack
	ID     string    `json:"id,omitempty"`
	Type   string    `json:"resource_type"`
	Status string    `json:"status"`
	Reason string    `json:"reason,omitempty"`
}

// Over reports whether the work on the resource has ended, with success or not.
func (e Event) Over() bool { return !strings.HasSuffix(e.Status, "_IN_PROGRESS") }

// Failed reports whether it has ended without success.
func (e Event) Failed() bool { return strings.HasSuffix(e.Status, "_FAILED") }

// Nested reports whether the resource is itself a stack.
func (e Event) Nested() bool { return e.Type == nestedType }

// Cause returns the event that made a stack fail: the first failure of a
// resource that is not a stack and was not cancelled because of another.
func Cause(events []Event) (cause Event, ok bool) {
	best := 0
	for _, e := range events {
		rank := 3
		switch {
		case !e.Failed():
			rank = 0
		case strings.Contains(strings.ToLower(e.Reason), "cancelled"):
			rank = 1
		case e.Nested():
			rank = 2
		}
		if rank > best {
			best, cause = rank, e
		}
	}
	return cause, best > 0
}

// StackError returns a fault that says why a stack failed, by its events.
func StackError(s Stack, events []Event) error {
	e, ok := Cause(events)
	if !ok {
		return fault.New(fault.Deploy, "stack %s is %s: %s", s.Name, s.Status, reasonOr(s.Reason))
	}
	return fault.New(fault.Deploy, "%s (%s) failed: %s; stack %s is %s", e.Path, e.Type, reasonOr(e.Reason), s.Name, s.Status)
}

func reasonOr(reason string) string {
	if reason == "" {
		return "CloudFormation gives no reason"
	}
	return strings.TrimSuffix(reason, ".")
}
