package aws

import "github.com/lilo-live/lilo/internal/fault"

// Verdict is what came of a check.
type Verdict string

// The verdicts. A deployment goes on but for Bad.
const (
	Good    Verdict = "ok"
	Warning Verdict = "warning"
	Skipped Verdict = "skipped"
	Bad     Verdict = "failed"
	// Wanted is what a deployment does itself once it may.
	Wanted Verdict = "wanted"
)

// Check is one thing that a deployment needs, and whether it is so.
type Check struct {
	Name    string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	// Text says what was found.
	Text string `json:"text"`
	// Todo says what to do about it, where there is something.
	Todo string `json:"todo,omitempty"`
	// Kind is whose move it is when it is Bad.
	Kind fault.Kind `json:"-"`
}

func good(name, text string) Check { return Check{Name: name, Verdict: Good, Text: text} }

func bad(kind fault.Kind, name, text, todo string) Check {
	return Check{Name: name, Verdict: Bad, Text: text, Todo: todo, Kind: kind}
}

// Failure is a check that failed with that error.
func Failure(name string, err error) Check {
	return Check{Name: name, Verdict: Bad, Text: err.Error(), Kind: fault.KindOf(err)}
}

// Verdicts returns the fault of the checks that failed, nil where none did.
func Verdicts(checks []Check) error {
	var first *Check
	failed := 0
	for i, c := range checks {
		if c.Verdict != Bad {
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
	if first.Todo != "" {
		text += ": " + first.Todo
	}
	if failed > 1 {
		return fault.New(first.Kind, "nothing was created: %s (and %d more of the list above)", text, failed-1)
	}
	return fault.New(first.Kind, "nothing was created: %s", text)
}
