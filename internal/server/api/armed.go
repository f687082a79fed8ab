package api

import (
	"strings"
	"sync"

	"github.com/lilo-live/lilo/internal/server/service"
)

// Armed are faults that calls ask for without the header, until they are cleared: clients
// whose headers cannot be changed are tested so. The zero value is none.
type Armed struct {
	mu    sync.Mutex
	text  string
	calls int
}

// Arm has the next calls ask for faults, all if calls is 0; "" clears them. What text may
// hold is what the header may, but for the loss of pipelines, which happens at once.
func (a *Armed) Arm(text string, calls int) error {
	f, err := readFaults(text)
	switch {
	case err != nil:
		return err
	case len(f.lose) > 0:
		return service.Errorf(service.BadRequest, "A pipeline is lost at once, and not with the next calls")
	case calls < 0:
		return service.Errorf(service.BadRequest, "The number of calls cannot be %d", calls)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text, a.calls = strings.TrimSpace(text), calls
	return nil
}

// State returns what is armed, and for how many more calls, 0 for all.
func (a *Armed) State() (text string, calls int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text, a.calls
}

// take returns what a call of an operation asks for. What has no effect on the operation stays
// armed for others.
func (a *Armed) take(r route) faults {
	if a == nil {
		return faults{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f, _ := readFaults(a.text) // Arm has read it.
	if a.text == "" || f.check(r) != nil {
		return faults{}
	}
	if a.calls == 1 {
		a.text = ""
	}
	a.calls = max(0, a.calls-1)
	return f
}
