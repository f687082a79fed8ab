package aws

import "github.com/lilo-live/lilo/internal/fault"

// Result is the result of a check.
type Result string

// The results. Only Failing prevents a deployment.
const (
	OK      Result = "ok"
	Warning Result = "warning"
	Skipped Result = "skipped"
	Failing Result = "failed"
	// Pending is something that the deployment does itself.
	Pending Result = "wanted"
)

// Check is the result of checking one requirement of a deployment.
type Check struct {
	Name   string `json:"check"`
	Result Result `json:"verdict"`
	// Text is what was found.
	Text string `json:"text"`
	// Remedy is what to do about it, if anything.
	Remedy string `json:"todo,omitempty"`
	// Kind is the kind of fault of a failing check.
	Kind fault.Kind `json:"-"`
}

func good(name, text string) Check { return Check{Name: name, Result: OK, Text: text} }

func bad(kind fault.Kind, name, text, todo string) Check {
	return Check{Name: name, Result: Failing, Text: text, Remedy: todo, Kind: kind}
}

// FailedCheck returns a check that failed with an error.
func FailedCheck(name string, err error) Check {
	return Check{Name: name, Result: Failing, Text: err.Error(), Kind: fault.KindOf(err)}
}

// CheckError returns a fault for the failing checks, nil if there are none.
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
