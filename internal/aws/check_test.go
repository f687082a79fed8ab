package aws

import (
	"errors"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestCheckError(t *testing.T) {
	checks := []Check{good("a", "x"), bad(fault.Destination, "b", "y", "do z"), bad(fault.Source, "c", "w", "")}
	err := CheckError(checks)
	if err == nil || err.Error() != "nothing was created: b: y: do z (and 1 more of the list above)" || fault.KindOf(err) != fault.Destination {
		t.Error(err)
	}
	if CheckError(checks[:1]) != nil {
		t.Error("all is well")
	}
	if c := FailedCheck("x", fault.New(fault.Source, "y: %w", errors.New("z"))); c.Result != Failing || c.Kind != fault.Source || c.Text != "y: z" {
		t.Errorf("%+v", c)
	}
}
