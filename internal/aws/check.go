package aws

import "github.com/lilo-live/lilo/internal/fault"

// Result is what came of a check.
type Result string

// The verdicts. A deployment goes on but for Failing.
const (
	OK      Result = "ok"
	Warning Result = "warning"
	Skipped Result = "skipped"
	Failing Result = "failed"
	// Pending is what a deployment does itself once it may.
	Pending Result = "wanted"
)

// Check is one thing that a deployment needs, and whether it is so.
type Check struct {
	Name   string `json:"check"`
	Result Result `json:"verdict"`
	// Text says what was found.
	Text string `json:"text"`
	// Remedy says what to do about it, where there is something.
	Remedy string `json:"todo,omitempty"`
	// Kind is whose move it is when it is Bad.
	Kind fault.Kind `json:"-"`
}

func good(name, text string) Check { return Check{Name: name, Result: OK, Text: text} }

func bad(kind fault.Kind, name, text, todo string) Check {
	return Check{Name: name, Result: Failing, Text: text, Remedy: todo, Kind: kind}
}

// FailedCheck is a check that failed with that error.
func FailedCheck(name string, err error) Check {
	return Check{Name: name, Result: Failing, Text: err.Error(), Kind: fault.KindOf(err)}
}

// CheckError returns the fault of the checks that failed, nil where none did.
func CheckError(checks []Check) error {
	var first *Check
	failed := 0
	for i, c := range checks {
		if c.Result != Failing {
			continue
		}
		if failed++; first == nil {
			first = &checks[i]
		}
	}
	if first == nil {
		return nil
	}
	text := first.Name + ": " + first.Text
	if first.Remedy != "" {
		text += ": " + first.Remedy
	}
	if failed > 1 {
		return fault.New(first.Kind, "nothing was created: %s (and %d more of the list above)", text, failed-1)
	}
	return fault.New(first.Kind, "nothing was created: %s", text)
}
